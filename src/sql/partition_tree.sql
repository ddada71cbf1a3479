-- The table named $1 and every partition below it, parents first; no row when there is no such table.
-- From pg_inherits, because pg_partition_tree() leaves out a partition whose concurrent detach was
-- interrupted.
WITH RECURSIVE tree AS (
  SELECT c.oid, NULL::oid AS parent, false AS detach_pending, 0 AS level
    FROM pg_class AS c
   WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'f', 'm')
  UNION ALL
  SELECT i.inhrelid, i.inhparent, i.inhdetachpending, t.level + 1
    FROM tree AS t
    JOIN pg_inherits AS i ON i.inhparent = t.oid
    JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
)
SELECT t.oid::bigint AS oid,
       t.parent::bigint AS parent,
       t.detach_pending,
       c.oid::regclass::text AS name,
       c.relkind = 'p' AS partitioned,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       regexp_replace(pg_get_partkeydef(c.oid), '^[A-Z]+ \((.*)\)$', '\1') AS key,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE WHEN c.relkind = 'p' THEN 0 ELSE pg_total_relation_size(c.oid) END AS bytes
  FROM tree AS t
  JOIN pg_class AS c ON c.oid = t.oid
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
 ORDER BY t.level, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.relname;
