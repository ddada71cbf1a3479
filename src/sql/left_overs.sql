-- What a change that was broken off leaves behind, in the tree of the relation named $1 and beside it; no row
-- when there is nothing. Constraints that are NOT VALID are in invalid_constraints.sql.
WITH RECURSIVE tree AS (
  SELECT to_regclass($1)::oid AS oid, false AS pending
  UNION ALL
  SELECT i.inhrelid, i.inhdetachpending FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
), member AS (
  SELECT t.oid, t.pending, c.relname, c.relnamespace
    FROM tree AS t JOIN pg_class AS c ON c.oid = t.oid
)
SELECT m.oid::regclass::text || ': its detach is pending' AS left_over, false AS is_schema
  FROM member AS m WHERE m.pending
UNION ALL
-- Also what CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY leaves when it fails.
SELECT m.oid::regclass::text || ': the index ' || x.indexrelid::regclass::text || ' is not valid', false
  FROM member AS m JOIN pg_index AS x ON x.indrelid = m.oid
 WHERE NOT (x.indisvalid AND x.indisready AND x.indislive)
UNION ALL
-- Only user triggers have a name to tell; a foreign key's are disabled together with them.
SELECT m.oid::regclass::text || ': the trigger ' || quote_ident(g.tgname) || ' is disabled', false
  FROM member AS m JOIN pg_trigger AS g ON g.tgrelid = m.oid
 WHERE g.tgenabled = 'D'
UNION ALL
SELECT m.oid::regclass::text || ': the trigger ' || quote_ident(g.tgname) || ' of a change', false
  FROM member AS m JOIN pg_trigger AS g ON g.tgrelid = m.oid
 WHERE NOT g.tgisinternal AND g.tgname LIKE 'partdemo\_%'
UNION ALL
SELECT m.oid::regclass::text || ': the constraint ' || quote_ident(k.conname) || ' of a change', false
  FROM member AS m JOIN pg_constraint AS k ON k.conrelid = m.oid
 WHERE k.conname LIKE 'partdemo\_%'
UNION ALL
-- A table that was being built, to take the place of one of the tree or to become a part of it.
SELECT c.oid::regclass::text || ': a table of a change of ' || m.oid::regclass::text, false
  FROM member AS m
  JOIN pg_class AS c ON c.relnamespace = m.relnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
       AND c.relname = ANY (ARRAY[m.relname || '_partitioned', m.relname || '_aside', m.relname || '_new'])
 WHERE NOT EXISTS (SELECT FROM tree AS t WHERE t.oid = c.oid)
UNION ALL
SELECT 'the schema partdemo, in which a change keeps its notes', true
  FROM pg_namespace WHERE nspname = 'partdemo'
 ORDER BY 1;
