-- Rows inserted into each leaf of the relation named $1, as the statistics system counts them.
SELECT s.relid::regclass::text AS name, s.n_tup_ins AS inserted
  FROM pg_partition_tree(to_regclass($1)) AS t
  JOIN pg_stat_user_tables AS s ON s.relid = t.relid
 WHERE t.isleaf
UNION ALL
SELECT s.relid::regclass::text, s.n_tup_ins
  FROM pg_stat_user_tables AS s
 WHERE s.relid = to_regclass($1)
   AND NOT EXISTS (SELECT FROM pg_partition_tree(s.relid));
