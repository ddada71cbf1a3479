-- The columns that tell the rows of the table $1 apart: the one that a sequence fills, else those of
-- the primary key; NULL when there is neither. counts: that is one integer. readable: the role may read
-- some column, without which nothing can be returned.
WITH columns AS (
  SELECT a.attnum, a.attname, a.atttypid
    FROM pg_attribute AS a
   WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
), filled AS (
  SELECT c.attname, c.atttypid
    FROM columns AS c
   WHERE pg_get_serial_sequence($1::text, c.attname::text) IS NOT NULL
      OR EXISTS (SELECT FROM pg_attrdef AS d
                  WHERE d.adrelid = $1::text::regclass AND d.adnum = c.attnum
                    AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')
   ORDER BY c.attnum LIMIT 1
), primary_key AS (
  SELECT string_agg(quote_ident(c.attname), ', ' ORDER BY k.n) AS key,
         count(*) = 1 AND min(c.atttypid::bigint) IN (20, 21, 23) AS counts
    FROM pg_constraint AS p
    CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (attnum, n)
    JOIN columns AS c ON c.attnum = k.attnum
   WHERE p.conrelid = $1::text::regclass AND p.contype = 'p'
)
SELECT coalesce((SELECT quote_ident(attname) FROM filled), (SELECT key FROM primary_key)) AS key,
       coalesce((SELECT atttypid IN (20, 21, 23) FROM filled), (SELECT counts FROM primary_key))
         AS counts,
       has_any_column_privilege($1::text::regclass, 'SELECT') AS readable;
