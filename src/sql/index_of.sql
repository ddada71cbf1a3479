-- The table of the index with the OID $1; no row when it is no index.
SELECT x.indrelid::regclass::text AS name
  FROM pg_index AS x
 WHERE x.indexrelid = $1::oid;
