-- A run, other than $1, that changes the partition with OID $2, or that keeps a relation under a name that
-- partition or one of its indexes will have in the schema partdemo.
SELECT r.operation, r.schema, r.name, r.arguments
  FROM partdemo.runs AS r
 WHERE r.id <> $1
   AND ($2::bigint = ANY (r.sources::bigint[])
        OR EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'partdemo' AND c.relname = ANY (
                          SELECT x.relname FROM pg_class AS x
                           WHERE x.oid = $2::bigint OR x.oid IN (
                                 SELECT indexrelid FROM pg_index WHERE indrelid = $2::bigint))));
