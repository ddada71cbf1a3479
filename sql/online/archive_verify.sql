-- Compare the detached table with its rows in the archive: count and content
SELECT s.rows AS source_rows, t.rows AS target_rows, s.hash = t.hash AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) AS hash
      FROM (SELECT :all_columns FROM ONLY :source) AS r) AS s,
     (SELECT count(*) AS rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) AS hash
      FROM (SELECT :all_columns FROM :archive WHERE :constraint) AS r) AS t;
