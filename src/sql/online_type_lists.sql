-- What rows of the table with OID $1 become, whose columns $2 (a JSON array of { name, type, old, key_type, textual })
-- change their types. values: for INSERT, as a list like that of its columns; casts: all of its columns as they have to be
-- afterwards; lossless: whether a row t has values that their types keep; key_definitions: of the log's columns.
-- $3: the key as texts; $4: the table's name; $5: the index of the key.
--
-- A value is kept when it is equal to what it was after a cast there and back. One that is not ends the statement: a cast
-- may round or cut off without a word. textual: its type has no equality.
WITH ty AS (
  SELECT *, quote_ident(name) AS column,
         CASE WHEN textual THEN format('((t.%1$I::%2$s)::%3$s)::text IS NOT DISTINCT FROM t.%1$I::text', name, type, old)
              ELSE format('(t.%1$I::%2$s)::%3$s IS NOT DISTINCT FROM t.%1$I', name, type, old) END AS lossless
    FROM json_to_recordset($2::json) AS x (name text, type text, old text, key_type text, textual boolean)
), a AS (
  SELECT c.attnum, quote_ident(c.attname) AS column, c.attgenerated, ty.type, ty.lossless, ty.name
    FROM pg_attribute AS c LEFT JOIN ty ON ty.name = c.attname
   WHERE c.attrelid = $1::bigint AND c.attnum > 0 AND NOT c.attisdropped
)
SELECT (SELECT string_agg(
          CASE WHEN type IS NULL THEN 't.' || a.column
               ELSE format('CASE WHEN %1$s THEN t.%2$s WHEN partdemo.insist(false, ''PD003'', format(%3$L, %4$L, %5$L, t.%2$s, concat_ws('', '', %6$s), %7$L, t.%2$s::%8$s)) IS NULL THEN NULL END',
                           lossless, a.column, '%s of %s is %s in the row (%s): %s would make it %s', a.column, $4::text, $3::text, type, type) END,
          ', ' ORDER BY attnum) FROM a WHERE attgenerated = '') AS "values",
       (SELECT string_agg(CASE WHEN type IS NULL THEN 't.' || a.column ELSE format('t.%1$s::%2$s AS %1$s', a.column, type) END,
                          ', ' ORDER BY attnum) FROM a) AS casts,
       (SELECT string_agg(lossless, ' AND ') FROM ty) AS lossless,
       (SELECT string_agg(format('k%s %s%s NOT NULL', k.place, coalesce(ty.key_type, format_type(c.atttypid, c.atttypmod)),
                                 coalesce(' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname), '')),
                          ', ' ORDER BY k.place)
          FROM pg_index AS x CROSS JOIN unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute AS c ON c.attrelid = x.indrelid AND c.attnum = k.attnum
          LEFT JOIN ty ON ty.name = c.attname
          LEFT JOIN pg_collation AS co ON co.oid = c.attcollation AND co.collname <> 'default'
          LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
         WHERE x.indexrelid = $5::bigint AND k.place <= x.indnkeyatts) AS key_definitions;
