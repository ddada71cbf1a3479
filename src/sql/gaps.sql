-- Bounds that leave values uncovered below the relation named $1, at any depth. A level with a default
-- partition has no gap. Range: the upper bound of a partition has to be the lower bound of another
-- one but for the last; hash: the shares 1/modulus have to add up to 1. PostgreSQL itself refuses
-- overlaps.
WITH RECURSIVE tree AS (
  SELECT to_regclass($1)::oid AS oid
  UNION ALL
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
), bounds AS (
  SELECT i.inhparent AS parent, i.inhrelid AS partition, p.partstrat,
         pg_get_expr(c.relpartbound, c.oid) AS bound, i.inhdetachpending AS pending
    FROM tree AS t
    JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
    JOIN pg_inherits AS i ON i.inhparent = t.oid
    JOIN pg_class AS c ON c.oid = i.inhrelid
), ranges AS (
  SELECT parent, partition,
         substring(bound FROM '^FOR VALUES FROM (\(.*\)) TO \(.*\)$') AS low,
         substring(bound FROM '^FOR VALUES FROM \(.*\) TO (\(.*\))$') AS high
    FROM bounds AS b
   WHERE partstrat = 'r'
     AND NOT EXISTS (SELECT FROM bounds AS d WHERE d.parent = b.parent AND d.bound = 'DEFAULT')
), runs AS (
  SELECT r.parent, r.low, row_number() OVER (PARTITION BY r.parent) AS run
    FROM ranges AS r
   WHERE NOT EXISTS (SELECT FROM ranges AS s WHERE s.parent = r.parent AND s.high = r.low)
), shares AS (
  SELECT parent, sum(1.0 / substring(bound FROM 'modulus (\d+)')::numeric) AS share
    FROM bounds WHERE partstrat = 'h' GROUP BY parent
)
SELECT parent::regclass::text || ': nothing ends where ' || low || ' begins' AS gap
  FROM runs WHERE run > 1
UNION ALL
SELECT parent::regclass::text || ': the hash partitions take only '
       || round(100 * share, 1) || ' % of the rows'
  FROM shares WHERE round(share, 12) <> 1
UNION ALL
SELECT partition::regclass::text || ': its detach is pending' FROM bounds WHERE pending
UNION ALL
SELECT t.oid::regclass::text || ': has no partition'
  FROM tree AS t
  JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
 WHERE NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhparent = t.oid);
