-- Foreign keys with one of the columns $2 (a JSON array of { name, type }) of the table with OID $1, of the table itself or of
-- others to it: the other table, the columns of both sides, and, of an incoming one, the columns that then have another type
-- than what they refer to.
WITH ty AS (SELECT * FROM json_to_recordset($2::json) AS x (name text, type text))
SELECT k.conname::text AS name, k.conrelid::regclass::text AS of, k.confrelid = $1::bigint AS incoming,
       format('%I.%I', n.nspname, c.relname) AS other,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY w.place) FROM unnest(k.conkey) WITH ORDINALITY AS w (attnum, place)
          JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = w.attnum) AS columns,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY w.place) FROM unnest(k.confkey) WITH ORDINALITY AS w (attnum, place)
          JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = w.attnum) AS refers_to,
       coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) AS period,
       format('ALTER TABLE %s DROP CONSTRAINT %I;  -- and change the columns of both sides together', k.conrelid::regclass, k.conname) AS remedy,
       (SELECT string_agg(format('%s.%I stays %s', k.conrelid::regclass, f.attname, format_type(f.atttypid, f.atttypmod)), ', ')
          FROM unnest(k.conkey, k.confkey) AS w (own, other)
          JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = w.other
          JOIN pg_attribute AS f ON f.attrelid = k.conrelid AND f.attnum = w.own
          JOIN pg_type AS ft ON ft.oid = f.atttypid JOIN pg_namespace AS fn ON fn.oid = ft.typnamespace
          -- The types of the words have their schemas.
          JOIN ty ON ty.name = a.attname AND ty.type NOT IN (format_type(f.atttypid, f.atttypmod),
                                                             format('%I.%s', fn.nspname, format_type(f.atttypid, f.atttypmod)))
         WHERE k.confrelid = $1::bigint) AS stays
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = CASE WHEN k.confrelid = $1::bigint THEN k.conrelid ELSE k.confrelid END
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND EXISTS (SELECT FROM pg_attribute AS a
                WHERE a.attrelid = $1::bigint AND a.attname IN (SELECT name FROM ty)
                  AND (k.conrelid = a.attrelid AND a.attnum = ANY (k.conkey) OR k.confrelid = a.attrelid AND a.attnum = ANY (k.confkey)))
 ORDER BY 2, 1;
