-- What the relation named $1 is; no row when there is none.
SELECT c.oid::bigint AS oid,
       c.relkind::text AS kind,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END AS strategy,
       pg_get_partkeydef(c.oid) AS key,
       i.inhparent::regclass::text AS parent,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       (SELECT string_agg(a.attname, ',' ORDER BY a.attnum)
          FROM pg_attribute AS a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT string_agg(format_type(a.atttypid, a.atttypmod), ',' ORDER BY k.place)
          FROM unnest(q.partattrs) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute AS a ON a.attrelid = q.partrelid AND a.attnum = k.attnum) AS parent_key_types
  FROM pg_class AS c
  LEFT JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
  LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND c.relispartition
  LEFT JOIN pg_partitioned_table AS q ON q.partrelid = i.inhparent
 WHERE c.oid = to_regclass($1);
