-- The types of the partition key's columns of table $1, in order, and the operators that say what is equal, qualified:
-- they need not be on the search_path. An expression has no type.
SELECT format_type(a.atttypid, a.atttypmod) AS type,
       format('OPERATOR(%s.%s)', o.oprnamespace::regnamespace, o.oprname) AS equal
  FROM pg_partitioned_table AS p
 CROSS JOIN unnest(p.partattrs::int2[], p.partclass::oid[]) WITH ORDINALITY AS k (attnum, class, place)
  JOIN pg_opclass AS q ON q.oid = k.class
  JOIN pg_amop AS m ON m.amopfamily = q.opcfamily AND m.amopstrategy = CASE p.partstrat WHEN 'h' THEN 1 ELSE 3 END
                   AND m.amoplefttype = q.opcintype AND m.amoprighttype = q.opcintype
  JOIN pg_operator AS o ON o.oid = m.amopopr
  LEFT JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
 WHERE p.partrelid = to_regclass($1)
 ORDER BY k.place;
