-- Tables, as SQL names them, that a misspelt name of $1 characters could mean.
SELECT c.oid::regclass::text AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND abs(length(c.oid::regclass::text) - $1::integer) <= 1 + $1::integer / 3
 ORDER BY c.relispartition, c.relname
 LIMIT 5000;
