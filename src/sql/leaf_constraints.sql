-- The leaves below the table $1, each with the constraint that its bound makes.
WITH RECURSIVE tree AS (
  SELECT $1::regclass::oid AS oid
  UNION ALL
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
)
SELECT c.oid::regclass::text AS name, pg_get_partition_constraintdef(c.oid) AS constraint
  FROM tree AS t JOIN pg_class AS c ON c.oid = t.oid
 WHERE c.relkind <> 'p' AND c.relispartition
 ORDER BY 1;
