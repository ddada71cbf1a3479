-- Indexes of partitioned tables below the relation named $1 that a partition lacks, or that are not
-- valid.
WITH RECURSIVE tree AS (
  SELECT to_regclass($1)::oid AS oid
  UNION ALL
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
)
SELECT child.inhrelid::regclass::text || ' has no index for ' || x.indexrelid::regclass::text AS missing
  FROM tree AS t
  JOIN pg_index AS x ON x.indrelid = t.oid
  JOIN pg_inherits AS child ON child.inhparent = t.oid
 WHERE NOT EXISTS (
         SELECT FROM pg_inherits AS i
           JOIN pg_index AS y ON y.indexrelid = i.inhrelid
          WHERE i.inhparent = x.indexrelid AND y.indrelid = child.inhrelid)
UNION ALL
SELECT x.indexrelid::regclass::text || ' is not valid'
  FROM tree AS t
  JOIN pg_index AS x ON x.indrelid = t.oid
 WHERE NOT x.indisvalid OR NOT x.indisready;
