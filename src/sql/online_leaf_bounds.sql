-- What the leaves below the table with OID $1 take, as one expression; no row when a default partition on each level
-- takes the rest, or when hashing gives every row a place.
SELECT string_agg('(' || pg_get_partition_constraintdef(t.relid) || ')', ' OR ') AS expression
  FROM pg_partition_tree($1::bigint::oid::regclass) AS t
 WHERE t.isleaf
HAVING EXISTS (
         SELECT FROM pg_partition_tree($1::bigint::oid::regclass) AS m
           JOIN pg_partitioned_table AS p ON p.partrelid = m.relid
          WHERE p.partstrat <> 'h' AND p.partdefid = 0);
