-- For each key column of the partitioned tables with the OIDs in the JSON array $1: the statement that
-- ranks values of it, given as a JSON array of texts, in the order that the partition key has (type,
-- operator class and collation). Without a typmod, which could cut values. The type of an expression is
-- not in the catalog: the operator class tells it, but for a class that takes many types (null then).
SELECT p.partrelid::bigint AS parent,
       k.place AS "column",
       format('SELECT dense_rank() OVER (ORDER BY CAST(b.value AS %s)%s USING OPERATOR(%I.%s)) AS rank'
              ' FROM json_array_elements_text($1::json) WITH ORDINALITY AS b (value, place)'
              ' ORDER BY b.place',
              format_type(coalesce(a.atttypid, t.oid), -1),
              ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname),
              n.nspname, o.oprname) AS ranking
  FROM json_array_elements_text($1::json) AS wanted (oid)
  JOIN pg_partitioned_table AS p ON p.partrelid = wanted.oid::oid
 CROSS JOIN LATERAL unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[])
       WITH ORDINALITY AS k (attnum, class, coll, place)
  JOIN pg_opclass AS q ON q.oid = k.class
  JOIN pg_amop AS m ON m.amopfamily = q.opcfamily AND m.amopstrategy = 1
                   AND m.amoplefttype = q.opcintype AND m.amoprighttype = q.opcintype
  JOIN pg_operator AS o ON o.oid = m.amopopr
  JOIN pg_namespace AS n ON n.oid = o.oprnamespace
  LEFT JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
  LEFT JOIN pg_type AS t ON t.oid = q.opcintype AND t.typtype <> 'p'
  LEFT JOIN pg_collation AS co ON co.oid = k.coll
  LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
 WHERE p.partstrat <> 'h';
