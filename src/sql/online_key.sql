-- The partition key of the partitioned table $1: as PARTITION BY has it, its number of columns, the names of the
-- plain ones as an array, and whether there are expressions among them.
SELECT pg_get_partkeydef(p.partrelid) AS by,
       CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' ELSE 'hash' END AS strategy,
       p.partnatts::int AS key_columns,
       coalesce((SELECT json_agg(a.attname ORDER BY k.place)
                   FROM unnest(p.partattrs::int2[]) WITH ORDINALITY AS k (attnum, place)
                   JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0),
                '[]')::text AS columns,
       p.partexprs IS NOT NULL AS expressions
  FROM pg_partitioned_table AS p WHERE p.partrelid = to_regclass($1);
