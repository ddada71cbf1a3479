-- A run, other than $1, that changes the table with OID $2, one that it is a partition of or a partition of it.
SELECT r.operation, r.schema, r.name, r.arguments
  FROM partdemo.runs AS r
 WHERE r.id <> $1
   AND ($2::bigint = ANY (r.sources::bigint[])
        OR EXISTS (SELECT FROM pg_partition_ancestors($2::bigint::oid::regclass) AS a WHERE a.relid = ANY (r.sources))
        OR EXISTS (SELECT FROM pg_partition_tree($2::bigint::oid::regclass) AS t WHERE t.relid = ANY (r.sources)));
