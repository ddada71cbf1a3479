-- The leaves of the table with OID $1 but for the partition with OID $2; is_foreign: their rows are elsewhere.
SELECT c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'f' AS is_foreign
  FROM pg_partition_tree($1::bigint::oid::regclass) AS t
  JOIN pg_class AS c ON c.oid = t.relid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.isleaf AND t.relid <> $2::bigint AND c.relkind <> 'p'
 ORDER BY 1;
