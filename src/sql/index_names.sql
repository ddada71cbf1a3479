-- The indexes of the table named $1 that have $2 in their names, and their names with $3 in its place.
SELECT x.indexrelid::regclass::text AS name, quote_ident(replace(c.relname, $2, $3)) AS other
  FROM pg_index AS x
  JOIN pg_class AS c ON c.oid = x.indexrelid
 WHERE x.indrelid = $1::regclass AND strpos(c.relname, $2) > 0
 ORDER BY 1;
