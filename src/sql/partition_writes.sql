-- Rows inserted, updated and deleted in each leaf of the relation named $1, as the statistics system counts them.
SELECT s.relid::regclass::text AS name, s.n_tup_ins AS inserted, s.n_tup_upd AS updated, s.n_tup_del AS deleted
  FROM pg_partition_tree(to_regclass($1)) AS t
  JOIN pg_stat_user_tables AS s ON s.relid = t.relid
 WHERE t.isleaf
UNION ALL
SELECT s.relid::regclass::text, s.n_tup_ins, s.n_tup_upd, s.n_tup_del
  FROM pg_stat_user_tables AS s
 WHERE s.relid = to_regclass($1)
   AND NOT EXISTS (SELECT FROM pg_partition_tree(s.relid));
