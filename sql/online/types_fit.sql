-- Look for a value that its new type would not keep
-- It is kept when it is equal to what it was after a cast there and back.
SELECT count(*) AS rows FROM (SELECT FROM :rows AS t WHERE NOT (:lossless) LIMIT 1) AS lost;
