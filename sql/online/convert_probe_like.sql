-- Make an empty table that has the same constraints
CREATE TABLE :probe (LIKE :source INCLUDING CONSTRAINTS INCLUDING GENERATED);
