-- The partitions of the table named $1 and of every partitioned table below it, a row each; one row
-- without a partition for a table that has none.
WITH RECURSIVE tree AS (
  SELECT to_regclass($1)::oid AS oid, 0 AS level
  UNION ALL
  SELECT i.inhrelid, t.level + 1 FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
)
SELECT t.oid::bigint AS oid,
       t.oid::regclass::text AS name,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       regexp_replace(pg_get_partkeydef(t.oid), '^[A-Z]+ \((.*)\)$', '\1') AS key,
       c.oid::regclass::text AS partition,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       coalesce(i.inhdetachpending, false) AS detach_pending
  FROM tree AS t
  JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
  LEFT JOIN pg_inherits AS i ON i.inhparent = t.oid
  LEFT JOIN pg_class AS c ON c.oid = i.inhrelid
 ORDER BY t.level, t.oid;
