-- The statements that give the NOT NULL constraints of the table named $1, which is called $2 until it is called $3, the
-- names that they would have got by then. They have names since PostgreSQL 18.
SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', $1::text, conname, replace(conname, $2::text, $3::text)) AS statement
  FROM pg_constraint
 WHERE conrelid = to_regclass($1::text) AND contype = 'n' AND strpos(conname, $2::text) = 1;
