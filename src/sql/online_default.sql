-- The default partition of the partitioned table with OID $1.
SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partdefid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.partrelid = $1::bigint;
