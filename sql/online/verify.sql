-- Compare old and new in one snapshot: count and content
-- Rows whose change waits in the log are left out on both sides. Every other row is either the same on both
-- or a mistake. Columns that change their types are cast, and a row of whose values one would not be kept does not count.
SELECT s.rows AS source_rows, t.rows AS target_rows, s.hash = t.hash AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) AS hash
      FROM (SELECT :casts FROM :rows AS t
            WHERE NOT EXISTS (SELECT FROM :log AS k WHERE :key_match) AND :lossless) AS r) AS s,
     (SELECT count(*) AS rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) AS hash
      FROM (SELECT :target_casts FROM :router AS t
            WHERE NOT EXISTS (SELECT FROM :log AS k WHERE :key_match)) AS r) AS t;
