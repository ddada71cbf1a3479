-- What depends on columns $2 (a JSON array of names) of the table with OID $1 and cannot be carried over when their types
-- change: what it is, why, and the SQL that moves it out of the way. No row: nothing stands in the way.
WITH RECURSIVE this AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::bigint
), depends AS (
  SELECT d.classid, d.objid, string_agg(DISTINCT quote_ident(a.attname), ', ') AS columns
    FROM this JOIN pg_attribute AS a ON a.attrelid = this.oid AND a.attname IN (SELECT json_array_elements_text($2::json))
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = this.oid AND d.refobjsubid = a.attnum
   WHERE NOT (d.classid = 'pg_attrdef'::regclass AND EXISTS (SELECT FROM pg_attrdef AS own WHERE own.oid = d.objid AND own.adrelid = this.oid AND own.adnum = a.attnum))
   GROUP BY d.classid, d.objid
), views AS ( -- those that use the columns, and those above them
  SELECT c.oid AS lowest, c.oid, 0 AS level, d.columns
    FROM depends AS d JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    JOIN pg_class AS c ON c.oid = r.ev_class AND c.relkind = 'v'
  UNION
  SELECT v.lowest, c.oid, v.level + 1, v.columns
    FROM views AS v JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
    JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm') AND c.oid <> v.oid
), made AS (
  SELECT v.lowest, v.columns, max(v.level) AS level,
         format('DROP %sVIEW %s;', k.kind, c.oid::regclass) AS drop,
         format('CREATE %sVIEW %s%s AS %s', k.kind, c.oid::regclass, ' WITH (' || array_to_string(c.reloptions, ', ') || ')',
                regexp_replace(pg_get_viewdef(c.oid), '\s+', ' ', 'g'))
         || coalesce((SELECT string_agg(format(' GRANT %s ON %s TO %s%s;', x.privilege_type, c.oid::regclass,
                                               CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END,
                                               CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '')
                        FROM aclexplode(c.relacl) AS x WHERE x.grantee <> c.relowner), '')
         || coalesce(format(' COMMENT ON %sVIEW %s IS ', k.kind, c.oid::regclass) || quote_literal(obj_description(c.oid, 'pg_class')) || ';', '') AS make
    FROM views AS v JOIN pg_class AS c ON c.oid = v.oid
   CROSS JOIN LATERAL (SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END AS kind) AS k
   GROUP BY v.lowest, v.columns, c.oid, c.relkind, c.reloptions, c.relacl, c.relowner, k.kind
)
SELECT 'the view ' || lowest::regclass AS what,
       format('it uses %s: CREATE OR REPLACE VIEW cannot change the types that it shows, and a condition may mean something else', columns) AS why,
       format('%s  -- afterwards: %s', string_agg(drop, ' ' ORDER BY level DESC), string_agg(make, ' ' ORDER BY level)) AS remedy
  FROM made GROUP BY lowest, columns
UNION ALL
SELECT format('the generated column %I', g.attname), format('it is made of %s', d.columns),
       format('ALTER TABLE %s DROP COLUMN %I;  -- afterwards: ADD COLUMN %I %s GENERATED ALWAYS AS (%s) STORED, which rewrites the table',
              this.full_name, g.attname, g.attname, format_type(g.atttypid, g.atttypmod), pg_get_expr(e.adbin, e.adrelid))
  FROM this CROSS JOIN depends AS d JOIN pg_attrdef AS e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
  JOIN pg_attribute AS g ON g.attrelid = e.adrelid AND g.attnum = e.adnum AND g.attgenerated <> ''
UNION ALL
SELECT format('the statistics %I.%I', n.nspname, s.stxname), format('an expression in it is made of %s', d.columns),
       format('DROP STATISTICS %I.%I;  -- afterwards: %s', n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid))
  FROM depends AS d JOIN pg_statistic_ext AS s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid
  JOIN pg_namespace AS n ON n.oid = s.stxnamespace
 WHERE s.stxexprs IS NOT NULL
 ORDER BY 1;
