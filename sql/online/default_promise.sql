-- Promise that the default partition holds none of the rows
-- ATTACH PARTITION would scan it for them while nobody can read or write it. NOT VALID makes this quick.
ALTER TABLE :default_partition ADD CONSTRAINT :promise CHECK (:expression) NOT VALID;
