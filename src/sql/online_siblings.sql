-- The bounds of the partitions beside the one with OID $1, its default partition left out.
SELECT pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_inherits AS i JOIN pg_inherits AS s ON s.inhparent = i.inhparent AND s.inhrelid <> i.inhrelid
  JOIN pg_class AS c ON c.oid = s.inhrelid
 WHERE i.inhrelid = $1::bigint AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
 ORDER BY c.relname;
