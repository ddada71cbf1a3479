-- The relations that a plan names ($1: a JSON array of {"schema", "name"} as EXPLAIN writes them) or
-- that are locked by now ($2: a JSON array of OIDs), with all that is above and below them in their
-- trees of partitions or inheritance. A partition whose concurrent detach is pending is no query's.
WITH RECURSIVE seeds AS (
  SELECT c.oid
    FROM json_to_recordset($1::json) AS s (schema text, name text)
    JOIN pg_namespace AS n
      ON n.nspname = CASE s.schema WHEN 'pg_temp' THEN (SELECT t.nspname FROM pg_namespace AS t
                                                         WHERE t.oid = pg_my_temp_schema())
                                   ELSE s.schema END
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.name
  UNION
  SELECT c.oid
    FROM json_array_elements_text($2::json) AS l (oid)
    JOIN pg_class AS c ON c.oid = l.oid::oid AND c.relkind IN ('r', 'p', 'f')
   WHERE c.relnamespace <> 'pg_catalog'::regnamespace
), up AS (
  SELECT oid FROM seeds
  UNION
  SELECT i.inhparent FROM up JOIN pg_inherits AS i ON i.inhrelid = up.oid AND NOT i.inhdetachpending
), down AS (
  SELECT oid FROM up
  UNION
  SELECT i.inhrelid FROM down JOIN pg_inherits AS i ON i.inhparent = down.oid AND NOT i.inhdetachpending
)
SELECT c.oid::bigint AS oid,
       CASE WHEN c.relnamespace = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname END AS schema,
       c.relname::text AS relname,
       c.oid::regclass::text AS name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
       c.relkind::text AS kind,
       i.inhparent::bigint AS parent,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       regexp_replace(pg_get_partkeydef(c.oid), '^[A-Z]+ \((.*)\)$', '\1') AS key,
       (SELECT json_agg(json_build_object('column', quote_ident(a.attname), 'type', format_type(a.atttypid, -1))
                        ORDER BY k.place)::text
          FROM unnest(p.partattrs) WITH ORDINALITY AS k (attnum, place)
          LEFT JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
       ) AS columns
  FROM down
  JOIN pg_class AS c ON c.oid = down.oid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
  LEFT JOIN LATERAL (SELECT x.inhparent FROM pg_inherits AS x
                      WHERE x.inhrelid = c.oid AND NOT x.inhdetachpending
                      ORDER BY x.inhseqno LIMIT 1) AS i ON true
 ORDER BY pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.oid;
