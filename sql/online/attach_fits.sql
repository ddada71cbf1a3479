-- Count the rows that keep the partition from coming back
SELECT count(*) AS rows FROM :rows AS t WHERE (:expression) IS NOT TRUE;
