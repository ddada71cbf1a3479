-- Promise by a CHECK what the bound demands
-- NOT VALID makes this quick. From here on the table refuses rows that are out of its bound.
ALTER TABLE :source ADD CONSTRAINT partdemo_bound CHECK (:expression) NOT VALID;
