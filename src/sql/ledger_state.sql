-- What the server acknowledged, held against what is there. :ledger: one row for each acknowledged
-- write, with its kind (i, u, d) and the time at which it had the row; :present: the table, and those
-- that its rows were moved to.
WITH keys AS (
  SELECT DISTINCT ON (:key) :key, partdemo_kind = 'd' AS deleted FROM :ledger
   ORDER BY :key, partdemo_at DESC
), inserted AS (
  SELECT :key, count(*) AS times FROM :ledger WHERE partdemo_kind = 'i' GROUP BY :key
), found AS (
  SELECT :key, count(*) AS copies FROM :present AS p JOIN keys USING (:key) GROUP BY :key
), compared AS (
  SELECT ROW(:key)::text AS key, deleted, coalesce(times, 1) AS times, coalesce(copies, 0) AS copies
    FROM keys LEFT JOIN inserted USING (:key) LEFT JOIN found USING (:key)
)
SELECT count(*) AS keys,
       count(*) FILTER (WHERE NOT deleted AND copies < times) AS lost,
       count(*) FILTER (WHERE NOT deleted AND copies > times) AS doubled,
       count(*) FILTER (WHERE times > 1) AS shared,
       count(*) FILTER (WHERE deleted AND copies > 0) AS resurrected,
       array_to_string((array_agg(key ORDER BY key)
         FILTER (WHERE CASE WHEN deleted THEN copies > 0 ELSE copies <> times END))[1:3], ' ')
         AS examples
  FROM compared;
