-- Name and schema of the partitioned table with OID $1, and the number of its key's columns.
SELECT c.relname::text AS name, n.nspname::text AS schema, p.partnatts::int AS key_columns
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
 WHERE c.oid = $1::bigint;
