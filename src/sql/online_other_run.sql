-- A run, other than $1, that changes the table with OID $2, one that it is a partition of or a partition of it, or
-- that keeps a relation under a name that the table or one of its indexes will have in the schema partdemo.
SELECT r.operation, r.schema, r.name, r.arguments
  FROM partdemo.runs AS r
 WHERE r.id <> $1
   AND ($2::bigint = ANY (r.sources::bigint[])
        OR EXISTS (SELECT FROM pg_partition_ancestors($2::bigint::oid::regclass) AS a WHERE a.relid = ANY (r.sources))
        OR EXISTS (SELECT FROM pg_partition_tree($2::bigint::oid::regclass) AS t WHERE t.relid = ANY (r.sources))
        OR EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'partdemo' AND c.relname = ANY (
                          SELECT x.relname FROM pg_class AS x
                           WHERE x.oid = $2::bigint OR x.oid IN (
                                 SELECT indexrelid FROM pg_index WHERE indrelid = $2::bigint))));
