-- Count the rows of the archive that would be left behind: within the bound, and not in the detached table
SELECT count(*) AS rows FROM :archive AS t
WHERE (:constraint) AND NOT EXISTS (SELECT FROM (SELECT :key FROM ONLY :source) AS k (:key_log) WHERE :key_match);
