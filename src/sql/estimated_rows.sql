-- Rows of the relation named $1 and its partitions as the last ANALYZE or VACUUM saw them; a leaf that
-- was never looked at counts by its size.
SELECT coalesce(sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples
                         ELSE pg_relation_size(c.oid) / 100 END), 0)::float8 AS rows
  FROM pg_class AS c
 WHERE c.relkind <> 'p'
   AND (c.oid = to_regclass($1)
        OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1)) WHERE isleaf));
