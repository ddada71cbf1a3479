-- Foreign keys of the table with OID $1, as statements that drop them.
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS statement
  FROM pg_constraint WHERE conrelid = $1::bigint AND contype = 'f' AND conparentid = 0;
