-- What the relation named $1 is; no row when there is none.
SELECT c.oid::bigint AS oid,
       c.relkind::text AS kind,
       format('%I.%I', n.nspname, c.relname) AS full_name,
       CASE c.relkind WHEN 'r' THEN 'a table' WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view'
         WHEN 'f' THEN 'a foreign table' WHEN 'p' THEN 'a partitioned table' WHEN 'S' THEN 'a sequence'
         WHEN 'c' THEN 'a type' ELSE 'an index' END AS what,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       pg_get_partkeydef(c.oid) AS key,
       i.inhparent::regclass::text AS parent,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       (SELECT string_agg(a.attname, ',' ORDER BY a.attnum)
          FROM pg_attribute AS a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
  LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND c.relispartition
 WHERE c.oid = to_regclass($1);
