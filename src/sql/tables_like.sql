-- The plain tables with the columns of the table named $1, in its schema: the same names and types, in any order. Its
-- partitions, the table named $2 and what cannot be read are left out.
WITH columns AS (
  SELECT attrelid, string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attname) AS list
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped GROUP BY attrelid
)
SELECT c.oid::regclass::text AS name
  FROM pg_class AS t
  JOIN pg_class AS c ON c.relnamespace = t.relnamespace AND c.relkind = 'r' AND NOT c.relispartition
  JOIN columns AS tc ON tc.attrelid = t.oid
  JOIN columns AS cc ON cc.attrelid = c.oid AND cc.list = tc.list
 WHERE t.oid = to_regclass($1) AND c.oid <> t.oid AND has_table_privilege(c.oid, 'SELECT') AND c.oid IS DISTINCT FROM to_regclass($2)
 ORDER BY c.relname;
