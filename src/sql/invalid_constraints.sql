-- Constraints of the relation named $1 and of all below it that are NOT VALID. Those that somebody declared
-- NOT ENFORCED (PostgreSQL 18) cannot be validated: they are as they were meant to be.
WITH RECURSIVE tree AS (
  SELECT to_regclass($1)::oid AS oid
  UNION ALL
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
)
SELECT t.oid::regclass::text || ': the constraint ' || quote_ident(k.conname) || ' is NOT VALID' AS left_over
  FROM tree AS t
  JOIN pg_constraint AS k ON k.conrelid = t.oid
 WHERE NOT k.convalidated AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
   -- A foreign key to a partitioned table has parts of its own for each partition, which
   -- VALIDATE leaves as they are.
   AND NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
 ORDER BY 1;
