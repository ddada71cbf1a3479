-- What the catalog says of tables with all their partitions, one fact a line: of those that the JSON array $1
-- names, or of every relation, function and type in the schemas of search_path when $1 is NULL. Two schemas
-- are equal when the lines are. Left out: what does not show in a definition (OIDs, physical order of columns,
-- whether a column of a partition was once its own), rows, statistics, sequences' positions. place: what the line
-- is about, for an order in which what was and what is stand together.
WITH RECURSIVE named AS (
  SELECT t.name, to_regclass(t.name)::oid AS oid FROM json_array_elements_text($1::json) AS t (name)
), tree AS (
  SELECT n.oid FROM named AS n WHERE n.oid IS NOT NULL
  UNION
  SELECT c.oid FROM pg_class AS c
   WHERE $1 IS NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
     AND c.relnamespace::regnamespace::text = ANY (SELECT quote_ident(s) FROM unnest(current_schemas(false)) AS s)
     AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION
  SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
), member AS (
  SELECT oid FROM tree
  UNION
  SELECT d.objid
    FROM tree AS t
    JOIN pg_depend AS d ON d.refobjid = t.oid AND d.refclassid = 'pg_class'::regclass
         AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
), fact AS (
  SELECT c.oid::regclass::text AS relation, 0 AS topic, '' AS item,
         concat_ws(', ',
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
                ELSE 'composite type' END,
           CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
           'PARTITION BY ' || pg_get_partkeydef(c.oid),
           'partition of ' || (SELECT i.inhparent::regclass FROM pg_inherits AS i
                                WHERE i.inhrelid = c.oid AND c.relispartition)
             || ' ' || pg_get_expr(c.relpartbound, c.oid),
           (SELECT 'detach pending' FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND i.inhdetachpending),
           (SELECT string_agg('inherits ' || i.inhparent::regclass, ', ' ORDER BY i.inhseqno)
              FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND NOT c.relispartition),
           'owner ' || c.relowner::regrole,
           'access ' || NULLIF(a.amname, 'heap'),
           'tablespace ' || s.spcname,
           'options ' || c.reloptions::text,
           'privileges ' || c.relacl::text,
           CASE WHEN c.relrowsecurity THEN 'row security' END,
           CASE WHEN c.relforcerowsecurity THEN 'forced row security' END,
           CASE WHEN c.relkind IN ('r', 'p') THEN 'replica identity ' || NULLIF(c.relreplident, 'd')::text END,
           'comment ' || quote_literal(obj_description(c.oid, 'pg_class'))) AS says
    FROM member AS m
    JOIN pg_class AS c ON c.oid = m.oid
    LEFT JOIN pg_am AS a ON a.oid = c.relam
    LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
  UNION ALL
  SELECT a.attrelid::regclass::text, 1,
         to_char(row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), 'FM0000')
           || ' column ' || quote_ident(a.attname),
         concat_ws(', ',
           format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
           CASE a.attgenerated WHEN 's' THEN 'generated ' WHEN 'v' THEN 'generated virtual ' ELSE 'default ' END
             || pg_get_expr(d.adbin, d.adrelid),
           'collate ' || NULLIF(a.attcollation, t.typcollation)::regcollation,
           'storage ' || NULLIF(a.attstorage, t.typstorage)::text,
           'compression ' || NULLIF(a.attcompression, '')::text,
           'options ' || a.attoptions::text,
           'privileges ' || a.attacl::text,
           'comment ' || quote_literal(col_description(a.attrelid, a.attnum)))
    FROM member AS m
    JOIN pg_attribute AS a ON a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class AS c ON c.oid = m.oid AND c.relkind <> 'S'
    JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT k.conrelid::regclass::text, 2, 'constraint ' || quote_ident(k.conname),
         concat_ws(', ',
           pg_get_constraintdef(k.oid),
           'of ' || (SELECT quote_ident(p.conname) || ' of ' || p.conrelid::regclass
                       FROM pg_constraint AS p WHERE p.oid = k.conparentid),
           'comment ' || quote_literal(obj_description(k.oid, 'pg_constraint')))
    FROM member AS m JOIN pg_constraint AS k ON k.conrelid = m.oid
  UNION ALL
  SELECT x.indrelid::regclass::text, 3, 'index ' || x.indexrelid::regclass,
         concat_ws(', ',
           pg_get_indexdef(x.indexrelid),
           CASE WHEN NOT x.indisvalid THEN 'not valid' END,
           CASE WHEN NOT x.indisready THEN 'not ready' END,
           CASE WHEN x.indisclustered THEN 'clustered' END,
           CASE WHEN x.indisreplident THEN 'replica identity' END,
           'of ' || (SELECT i.inhparent::regclass FROM pg_inherits AS i WHERE i.inhrelid = x.indexrelid),
           'owner ' || NULLIF(c.relowner, o.relowner)::regrole,
           'tablespace ' || s.spcname,
           'comment ' || quote_literal(obj_description(x.indexrelid, 'pg_class')))
    FROM member AS m
    JOIN pg_index AS x ON x.indrelid = m.oid
    JOIN pg_class AS c ON c.oid = x.indexrelid
    JOIN pg_class AS o ON o.oid = x.indrelid
    LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
  UNION ALL
  SELECT g.tgrelid::regclass::text, 4, 'trigger ' || quote_ident(g.tgname),
         concat_ws(', ',
           pg_get_triggerdef(g.oid),
           CASE WHEN g.tgenabled <> 'O' THEN 'enabled ' || g.tgenabled::text END,
           'comment ' || quote_literal(obj_description(g.oid, 'pg_trigger')))
    FROM member AS m JOIN pg_trigger AS g ON g.tgrelid = m.oid AND NOT g.tgisinternal
  UNION ALL
  SELECT r.ev_class::regclass::text, 5, 'rule ' || quote_ident(r.rulename),
         pg_get_ruledef(r.oid) || CASE WHEN r.ev_enabled <> 'O' THEN ', enabled ' || r.ev_enabled::text ELSE '' END
    FROM member AS m JOIN pg_rewrite AS r ON r.ev_class = m.oid
  UNION ALL
  SELECT p.polrelid::regclass::text, 6, 'policy ' || quote_ident(p.polname),
         concat_ws(', ',
           CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
           'for ' || p.polcmd::text,
           'to ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ' ' ORDER BY r)
                       FROM unnest(p.polroles) AS r),
           'using ' || pg_get_expr(p.polqual, p.polrelid),
           'with check ' || pg_get_expr(p.polwithcheck, p.polrelid))
    FROM member AS m JOIN pg_policy AS p ON p.polrelid = m.oid
  UNION ALL
  SELECT e.stxrelid::regclass::text, 7, 'statistics ' || quote_ident(e.stxname), pg_get_statisticsobjdef(e.oid)
    FROM member AS m JOIN pg_statistic_ext AS e ON e.stxrelid = m.oid
  UNION ALL
  SELECT q.seqrelid::regclass::text, 8, 'sequence',
         concat_ws(', ',
           format_type(q.seqtypid, NULL), 'start ' || q.seqstart, 'increment ' || q.seqincrement,
           'from ' || q.seqmin, 'to ' || q.seqmax, 'cache ' || q.seqcache,
           CASE WHEN q.seqcycle THEN 'cycle' END,
           (SELECT 'owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname)
              FROM pg_depend AS d
              JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.deptype IN ('a', 'i')))
    FROM member AS m JOIN pg_sequence AS q ON q.seqrelid = m.oid
  UNION ALL
  SELECT p.oid::regprocedure::text, 9, 'function',
         concat_ws(', ',
           CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE md5(pg_get_functiondef(p.oid)) END,
           'owner ' || p.proowner::regrole, 'privileges ' || p.proacl::text,
           'comment ' || quote_literal(obj_description(p.oid, 'pg_proc')))
    FROM pg_proc AS p
   WHERE $1 IS NULL
     AND p.pronamespace::regnamespace::text = ANY (SELECT quote_ident(s) FROM unnest(current_schemas(false)) AS s)
     AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT t.oid::regtype::text, 10, 'type',
         concat_ws(', ',
           CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain ' || format_type(t.typbasetype, t.typtypmod)
                WHEN 'r' THEN 'range' ELSE 'type' END,
           (SELECT string_agg(quote_literal(e.enumlabel), ' ' ORDER BY e.enumsortorder)
              FROM pg_enum AS e WHERE e.enumtypid = t.oid),
           CASE WHEN t.typnotnull THEN 'not null' END,
           'default ' || t.typdefault,
           (SELECT string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
              FROM pg_constraint AS k WHERE k.contypid = t.oid),
           'owner ' || t.typowner::regrole)
    FROM pg_type AS t
   WHERE $1 IS NULL AND t.typtype IN ('e', 'd', 'r')
     AND t.typnamespace::regnamespace::text = ANY (SELECT quote_ident(s) FROM unnest(current_schemas(false)) AS s)
     AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
  UNION ALL
  SELECT n.name, 0, '', 'there is no such relation' FROM named AS n WHERE n.oid IS NULL
)
SELECT concat_ws(' ', relation, to_char(topic, 'FM00'), item) AS place,
       concat_ws(' ', relation || ':', NULLIF(regexp_replace(item, '^\d{4} ', ''), ''), says) AS line
  FROM fact;
