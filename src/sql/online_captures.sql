-- Whether the run $1 captures every change of what it works on, by triggers of the names $2 and $3.
SELECT count(*) = 2 * cardinality(r.sources) AS all
  FROM partdemo.runs AS r
  LEFT JOIN pg_trigger AS t ON t.tgrelid = ANY (r.sources) AND t.tgname IN ($2, $3) AND t.tgenabled = 'A'
 WHERE r.id = $1::int
 GROUP BY r.sources;
