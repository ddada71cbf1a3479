-- The types of the partition key's columns of table $1, in order; an expression has none.
SELECT format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_partitioned_table AS p
 CROSS JOIN unnest(p.partattrs) WITH ORDINALITY AS k (attnum, place)
  LEFT JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
 WHERE p.partrelid = to_regclass($1)
 ORDER BY k.place;
