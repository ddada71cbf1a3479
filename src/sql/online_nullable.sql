-- The columns of the key $2 (a JSON array of names) of the table with OID $1 that can be NULL, and whether the primary
-- key will have to have them, which then makes them NOT NULL.
SELECT a.attname::text AS name, quote_ident(a.attname) AS column,
       EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = a.attrelid AND x.indisprimary) AS in_primary
  FROM json_array_elements_text($2::json) WITH ORDINALITY AS w (name, place)
  JOIN pg_attribute AS a ON a.attrelid = $1::bigint AND a.attname = w.name
 WHERE NOT a.attnotnull
 ORDER BY w.place;
