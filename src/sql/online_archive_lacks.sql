-- What the table with OID $1 has and its archive $2 has not: kinds and names. An archive that is not there will be made
-- LIKE it, with comments on columns. What a partition has from the table above it it loses with the detach.
WITH sides AS (
  SELECT 1 AS side, c.* FROM pg_class AS c WHERE c.oid = $1::bigint
  UNION ALL
  SELECT 2, c.* FROM pg_class AS c WHERE c.oid = to_regclass($2)
), things (side, place, kind, name, body) AS (
  SELECT side, 1, 'indexes', quote_ident(i.relname), concat(x.indisunique, substring(pg_get_indexdef(i.oid) FROM ' USING .*$'))
    FROM sides JOIN pg_index AS x ON x.indrelid = sides.oid JOIN pg_class AS i ON i.oid = x.indexrelid
  UNION ALL
  SELECT side, 2, 'constraints', quote_ident(k.conname), pg_get_constraintdef(k.oid)
    FROM sides JOIN pg_constraint AS k ON k.conrelid = sides.oid AND k.contype IN ('c', 'f') AND k.conparentid = 0
  UNION ALL
  SELECT side, 3, 'triggers', quote_ident(t.tgname), concat(t.tgfoid, ' ', t.tgtype)
    FROM sides JOIN pg_trigger AS t ON t.tgrelid = sides.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^partdemo_(capture|guard)_\d+$'
  UNION ALL
  SELECT side, 4, 'policies', quote_ident(p.polname), concat(p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid))
    FROM sides JOIN pg_policy AS p ON p.polrelid = sides.oid
  UNION ALL
  SELECT side, 5, 'privileges', format('%s of %s', string_agg(x.privilege_type || x.part, ', ' ORDER BY x.privilege_type), x.role),
         string_agg(x.privilege_type || x.part, ', ' ORDER BY x.privilege_type) || x.role
    FROM (SELECT side, a.privilege_type, '' AS part, a.grantee, sides.relowner FROM sides CROSS JOIN aclexplode(relacl) AS a
          UNION ALL
          SELECT side, a.privilege_type, format(' (%I)', c.attname), a.grantee, sides.relowner
            FROM sides JOIN pg_attribute AS c ON c.attrelid = sides.oid CROSS JOIN aclexplode(c.attacl) AS a) AS g
   CROSS JOIN LATERAL (SELECT privilege_type, part, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role) AS x
   WHERE g.grantee <> g.relowner
   GROUP BY side, x.role
  UNION ALL
  SELECT side, 6, 'statistics objects', quote_ident(s.stxname), concat(s.stxkind, pg_get_statisticsobjdef_columns(s.oid))
    FROM sides JOIN pg_statistic_ext AS s ON s.stxrelid = sides.oid
  UNION ALL
  SELECT side, CASE a.attgenerated WHEN '' THEN 7 ELSE 8 END,
         CASE a.attgenerated WHEN '' THEN 'defaults' ELSE 'generated columns, which become plain ones' END,
         quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid)
    FROM sides JOIN pg_attribute AS a ON a.attrelid = sides.oid JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT side, 9, 'sequences', d.objid::regclass::text, d.objid::text
    FROM sides JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = sides.oid AND d.refobjsubid > 0
     AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
  UNION ALL
  SELECT side, 10, 'publications', quote_ident(b.pubname), b.oid::text
    FROM sides JOIN pg_publication_rel AS r ON r.prrelid = sides.oid JOIN pg_publication AS b ON b.oid = r.prpubid
  UNION ALL
  SELECT side, 11, 'comment', quote_literal(obj_description(oid, 'pg_class')), obj_description(oid, 'pg_class')
    FROM sides WHERE obj_description(oid, 'pg_class') IS NOT NULL
  UNION ALL
  SELECT side, 12, 'storage parameters', array_to_string(reloptions, ', '), reloptions::text FROM sides WHERE reloptions IS NOT NULL
)
SELECT kind, string_agg(name, ', ' ORDER BY name) AS names
  FROM things AS t
 WHERE side = 1
   AND NOT EXISTS (SELECT FROM things AS o WHERE o.side = 2 AND (o.kind, o.body) = (t.kind, t.body))
 GROUP BY place, kind ORDER BY place;
