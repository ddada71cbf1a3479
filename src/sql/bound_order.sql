-- For each key column of the partitioned tables with the OIDs in the JSON array $1: the statement that
-- ranks values of it, given as a JSON array of texts, in the order that the partition key has (type,
-- operator class and collation). Without a typmod, which could cut values. The type of an expression is
-- not in the catalog: the operator class tells it, or, when that takes many types (arrays, ranges, enums),
-- the constants of the bounds do. Null when no bound has one.
SELECT p.partrelid::bigint AS parent,
       k.place AS "column",
       CASE WHEN ty.oid IS NOT NULL THEN
       format('SELECT dense_rank() OVER (ORDER BY CAST(b.value AS %s)%s USING OPERATOR(%I.%s)) AS rank'
              ' FROM json_array_elements_text($1::json) WITH ORDINALITY AS b (value, place)'
              ' ORDER BY b.place',
              format_type(ty.oid, -1),
              ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname),
              n.nspname, o.oprname) END AS ranking
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
  LEFT JOIN LATERAL (
    SELECT (regexp_match(d.datum, ':consttype ([0-9]+)'))[1]::oid AS oid
      FROM pg_inherits AS i
      JOIN pg_class AS c ON c.oid = i.inhrelid
     CROSS JOIN LATERAL regexp_match(c.relpartbound::text, ':listdatums (.*) :lowerdatums (.*) :upperdatums (.*)')
           AS s (part)
     CROSS JOIN LATERAL (
       SELECT s.part[1] AS datum WHERE p.partstrat = 'l'
       UNION ALL SELECT (string_to_array(s.part[2], 'PARTITIONRANGEDATUM'))[k.place + 1]
       UNION ALL SELECT (string_to_array(s.part[3], 'PARTITIONRANGEDATUM'))[k.place + 1]
     ) AS d
     WHERE i.inhparent = p.partrelid AND a.atttypid IS NULL AND t.oid IS NULL
       AND d.datum LIKE '%:consttype%'
     LIMIT 1) AS b ON true
 CROSS JOIN LATERAL (SELECT coalesce(a.atttypid, t.oid, b.oid) AS oid) AS ty
  LEFT JOIN pg_collation AS co ON co.oid = k.coll
  LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
 WHERE p.partstrat <> 'h';
