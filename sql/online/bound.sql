-- Promise by a CHECK what the bound demands
-- ATTACH PARTITION then takes the rows unseen. The table is empty: nothing is scanned, and each row is
-- checked as it comes.
ALTER TABLE :target ADD CONSTRAINT partdemo_bound CHECK (:bound);
