-- The table named $1 and every partition below it, parents first; no row when there is no such table.
-- From pg_inherits, because pg_partition_tree() leaves out a partition whose concurrent detach was
-- interrupted. Names without regclass, which gives a number for a table that was dropped meanwhile.
WITH RECURSIVE tree AS (
  SELECT c.oid, NULL::oid AS parent, false AS detach_pending, 0 AS level
    FROM pg_class AS c
   WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'f', 'm')
  UNION ALL
  SELECT i.inhrelid, i.inhparent, i.inhdetachpending, t.level + 1
    FROM tree AS t
    JOIN pg_inherits AS i ON i.inhparent = t.oid
    JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
), indexes AS (
  SELECT x.indrelid, count(*) AS n,
         string_agg(x.indexrelid::regclass::text, E'\n' ORDER BY x.indexrelid)
           FILTER (WHERE NOT x.indisvalid OR NOT x.indisready) AS invalid
    FROM tree AS t
    JOIN pg_index AS x ON x.indrelid = t.oid
   GROUP BY x.indrelid
), above AS (
  SELECT t.oid, i.inhparent AS parent, i.inhdetachpending AS detach_pending,
         (SELECT count(*) FROM pg_inherits AS d WHERE d.inhparent = t.oid) AS children
    FROM tree AS t
    JOIN pg_class AS c ON c.oid = t.oid
    LEFT JOIN pg_inherits AS i ON i.inhrelid = t.oid AND c.relispartition
   WHERE t.level = 0
)
SELECT t.oid::bigint AS oid,
       t.parent::bigint AS parent,
       t.detach_pending OR coalesce(up.detach_pending, false) AS detach_pending,
       CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END
         || quote_ident(c.relname) AS name,
       c.relkind::text AS kind,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       regexp_replace(pg_get_partkeydef(c.oid), '^[A-Z]+ \((.*)\)$', '\1') AS key,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       c.reltuples::float8 AS estimate,
       coalesce(x.n, 0) AS indexes,
       x.invalid AS invalid_indexes,
       CASE WHEN c.relkind = 'p' THEN 0 ELSE coalesce(pg_table_size(c.oid), 0) END AS heap_bytes,
       CASE WHEN c.relkind = 'p' THEN 0 ELSE coalesce(pg_indexes_size(c.oid), 0) END AS index_bytes,
       up.parent::regclass::text AS partition_of,
       CASE WHEN t.level = 0 AND c.relkind <> 'p' THEN up.children END AS children
  FROM tree AS t
  JOIN pg_class AS c ON c.oid = t.oid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
  LEFT JOIN indexes AS x ON x.indrelid = t.oid
  LEFT JOIN above AS up ON up.oid = t.oid
 ORDER BY t.level, c.relname;
