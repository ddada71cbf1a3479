-- Of the functions with the names in $1 (a JSON array): those that are volatile, and those that are
-- stable, in every form that they have.
SELECT p.proname::text AS name, min(p.provolatile)::text AS volatility
  FROM pg_proc AS p
 WHERE p.proname IN (SELECT json_array_elements_text($1::json))
 GROUP BY p.proname
HAVING min(p.provolatile) = max(p.provolatile);
