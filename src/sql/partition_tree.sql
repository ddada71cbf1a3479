-- The table named $1 and every partition below it, parents first; no row when there is no such table.
-- With $2 sizes are estimates: those that the last ANALYZE or VACUUM saw, because ten thousand files are
-- slow to open; only of what neither has seen they are the files'.
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
), pages AS (
  SELECT x.indrelid, sum(i.relpages) AS n
    FROM tree AS t
    JOIN pg_index AS x ON x.indrelid = t.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid
   WHERE $2::boolean
   GROUP BY x.indrelid
), path AS ( -- pg_table_is_visible() asks for one table after the other: half of the time of all this
  SELECT n.oid, s.place
    FROM unnest(current_schemas(true)) WITH ORDINALITY AS s (name, place)
    JOIN pg_namespace AS n ON n.nspname = s.name
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
       CASE WHEN path.place IS NOT NULL AND hidden.relname IS NULL THEN '' ELSE quote_ident(n.nspname) || '.' END
         || quote_ident(c.relname) AS name,
       c.relkind::text AS kind,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       regexp_replace(pg_get_partkeydef(c.oid), '^[A-Z]+ \((.*)\)$', '\1') AS key,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       c.reltuples::float8 AS estimate,
       coalesce(x.n, 0) AS indexes,
       x.invalid AS invalid_indexes,
       CASE WHEN c.relkind = 'p' THEN 0
            WHEN s.known THEN c.relpages * s.page
                              + CASE WHEN toast.reltuples >= 0 THEN toast.relpages * s.page
                                     ELSE coalesce(pg_relation_size(toast.oid), 0) END
            ELSE coalesce(pg_table_size(c.oid), 0) END AS heap_bytes,
       CASE WHEN c.relkind = 'p' THEN 0
            WHEN s.known THEN coalesce(pages.n, 0) * s.page
            ELSE coalesce(pg_indexes_size(c.oid), 0) END AS index_bytes,
       up.parent::regclass::text AS partition_of,
       CASE WHEN t.level = 0 AND c.relkind <> 'p' THEN up.children END AS children
  FROM tree AS t
  JOIN pg_class AS c ON c.oid = t.oid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
  LEFT JOIN indexes AS x ON x.indrelid = t.oid
  LEFT JOIN above AS up ON up.oid = t.oid
  LEFT JOIN path ON path.oid = c.relnamespace
  LEFT JOIN (SELECT o.relname, min(e.place) AS first
               FROM pg_class AS o JOIN path AS e ON e.oid = o.relnamespace
              GROUP BY o.relname HAVING count(*) > 1) AS hidden
         ON hidden.relname = c.relname AND hidden.first < path.place
  LEFT JOIN pages ON pages.indrelid = t.oid
  LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
 CROSS JOIN LATERAL (SELECT $2::boolean AND c.reltuples >= 0 AS known,
                            current_setting('block_size')::bigint AS page) AS s
 ORDER BY t.level, c.relname;
