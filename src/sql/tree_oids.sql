-- The OIDs of the tables named in the array $1 and of everything below them, as an array. Locks none.
WITH RECURSIVE tree AS (
  SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name
  UNION
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
)
SELECT coalesce(array_agg(oid), '{}')::text AS oids FROM tree WHERE oid IS NOT NULL;
