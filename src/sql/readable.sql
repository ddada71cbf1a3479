-- The nearest relation, from the one with the OID $1 up, through which the role may read its rows; no
-- row when there is none. Nothing is read through the parent of a partition whose detach is pending.
WITH RECURSIVE up AS (
  SELECT $1::oid AS oid, 0 AS level
  UNION ALL
  SELECT i.inhparent, u.level + 1
    FROM up AS u
    JOIN pg_inherits AS i ON i.inhrelid = u.oid AND NOT i.inhdetachpending
    JOIN pg_partitioned_table AS p ON p.partrelid = i.inhparent
)
SELECT u.oid::regclass::text AS name, c.relkind = 'p' AS partitioned
  FROM up AS u
  JOIN pg_class AS c ON c.oid = u.oid
 WHERE has_table_privilege(u.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE')
 ORDER BY u.level
 LIMIT 1;
