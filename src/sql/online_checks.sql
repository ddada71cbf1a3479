-- Names of the CHECK constraints of the table with OID $1.
SELECT quote_ident(conname) AS name FROM pg_constraint WHERE conrelid = $1::bigint AND contype = 'c';
