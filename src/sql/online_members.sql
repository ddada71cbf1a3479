-- The table with OID $1 and all of its partitions, the table first.
SELECT c.oid::bigint AS oid, c.relname::text AS name, n.nspname::text AS schema,
       format('%I.%I', n.nspname, c.relname) AS full_name, c.relkind <> 'p' AS leaf
  FROM (SELECT $1::bigint::oid AS relid, 0 AS level UNION
        SELECT relid, level FROM pg_partition_tree($1::bigint::oid::regclass)) AS t
  JOIN pg_class AS c ON c.oid = t.relid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY t.level, c.relname;
