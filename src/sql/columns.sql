-- The columns of the table $1 as a list for SELECT, in order.
SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS list
  FROM pg_attribute AS a
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped;
