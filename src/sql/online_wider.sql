-- The indexes that a conversion, or its way back, has built on the table with OID $1 and not used yet.
SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE x.indrelid = $1::bigint AND c.relname ~ '^partdemo_(wider|narrow)_\d+$';
