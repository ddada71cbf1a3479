-- Rows whose :column is not what the last acknowledged write made it. Compared as text, because not
-- every type has an equality.
WITH last AS (
  SELECT DISTINCT ON (:key) :key, :column AS value FROM :ledger
   WHERE partdemo_entry IN (:entries) ORDER BY :key, partdemo_at DESC
)
SELECT count(*) AS stale,
       array_to_string((array_agg(ROW(:key)::text))[1:3], ' ') AS examples
  FROM last JOIN :present AS p USING (:key)
 WHERE p.:column::text IS DISTINCT FROM last.value::text;
