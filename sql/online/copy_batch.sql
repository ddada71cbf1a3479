-- Copy the next rows in the order of the key, and note how far it came; again until none is left
-- One statement, so that the rows and the note are there together or not at all. No row can come twice: the
-- batches share no key, in which a generated column can be.
WITH batch AS MATERIALIZED (
    SELECT :all_columns FROM :rows AS t WHERE :after ORDER BY :key LIMIT :size
), copied AS (
    INSERT INTO :router (:columns) SELECT :values FROM batch AS t
), last AS (
    SELECT ARRAY[:key_texts] AS key FROM batch ORDER BY :key_descending LIMIT 1
)
UPDATE partdemo.runs AS r
SET cursor = last.key, copied = r.copied + (SELECT count(*) FROM batch)
FROM last WHERE r.id = :run
RETURNING r.copied, to_json(r.cursor)::text AS key;
