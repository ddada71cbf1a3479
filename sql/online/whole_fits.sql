-- Count the rows that no partition would take
SELECT count(*) AS rows FROM :rows AS t WHERE (:expression) IS NOT TRUE;
