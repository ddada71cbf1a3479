-- The statements that give the partitions of the table named $2 the replica identity of the table with OID $1: changes are
-- logged by that of the leaf. $2 has its own already, so that its index says which one of a partition it is.
SELECT format('ALTER TABLE %I.%I REPLICA IDENTITY %s', n.nspname, c.relname,
              CASE s.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE format('USING INDEX %I', i.relname) END) AS statement
  FROM pg_class AS s
 CROSS JOIN pg_partition_tree(to_regclass($2)) AS t
  JOIN pg_class AS c ON c.oid = t.relid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_index AS x ON x.indrelid = to_regclass($2) AND x.indisreplident
  LEFT JOIN pg_index AS y ON y.indrelid = t.relid AND pg_partition_root(y.indexrelid) = x.indexrelid
  LEFT JOIN pg_class AS i ON i.oid = y.indexrelid
 WHERE s.oid = $1::bigint AND t.level > 0 AND (s.relreplident IN ('f', 'n') OR s.relreplident = 'i' AND i.oid IS NOT NULL)
 ORDER BY t.level, c.relname;
