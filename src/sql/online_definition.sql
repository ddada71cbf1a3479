-- The statements that give the table $2 (schema $3, name $4) what the table with OID $1 has and LIKE does not
-- copy, in order. Phases: bare (before the rows come), key (when they are there: the index with OID $6, by which they
-- are found), index (the others), end (before the swap), attached (in the swap, at its end). final: for an index, its name when the table bears the old one's.
--
-- $5: null when the new table is a leaf. When it is partitioned, the names of its key's columns as a JSON array;
-- unique indexes that lack one are made wider by it. Then there are three more phases for the old table, should it
-- get the name $2: away (indexes and statistics give up their names; final: they get them again; triggers go), wider
-- (statement: the index, beside the old one; final: it takes the old one's place), narrow (statement: the old one again,
-- of the table $2, beside the wider one; final: it takes its place when the table has its old name again).
WITH leaf AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::bigint
), options AS (
  SELECT string_agg(format('%s%s = %L', prefix, split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') AS list
    FROM (SELECT '' AS prefix, unnest(leaf.reloptions) AS o FROM leaf
          UNION ALL
          SELECT 'toast.', unnest(t.reloptions) FROM leaf JOIN pg_class AS t ON t.oid = leaf.reltoastrelid) AS x
), own_names AS (
  SELECT o.oid, CASE WHEN octet_length(wanted.name) <= 63 THEN wanted.name
                     ELSE o.sign || left(md5(wanted.name), 8) || '_' || left(wanted.name, 50) END AS new_name
    FROM (SELECT i.oid, i.relname AS name, 'i' AS sign FROM leaf JOIN pg_index AS x ON x.indrelid = leaf.oid JOIN pg_class AS i ON i.oid = x.indexrelid
           WHERE i.relname !~ '^partdemo_(wider|narrow)_\d+$'
          UNION ALL
          SELECT x.oid, x.stxname, 's' FROM leaf JOIN pg_statistic_ext AS x ON x.stxrelid = leaf.oid) AS o
    CROSS JOIN leaf
    -- The table's name in another one is a word of its own: in t_pkey, not in start_idx.
    CROSS JOIN LATERAL (SELECT '(^|_)' || regexp_replace(leaf.relname, '(\W)', '\\\1', 'g') || '(?=_|$)' AS pattern) AS p
    CROSS JOIN LATERAL (SELECT CASE WHEN o.name ~ p.pattern
                                    THEN regexp_replace(o.name, p.pattern, '\1' || replace($4::text, '\', '\\'))
                                    ELSE $4::text || '_' || o.name END AS name) AS wanted
), indexes AS (
  SELECT x.*, leaf.full_name, i.relname, k.conname, k.contype, k.oid AS constraint_oid, ts.spcname, o.new_name, lacking.columns AS lacking,
         CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS kind,
         CASE WHEN x.indnullsnotdistinct THEN ' NULLS NOT DISTINCT' ELSE '' END AS nulls,
         concat_ws(', ', written.key, lacking.columns) AS key,
         coalesce(' INCLUDE (' || written.included || ')', '') AS included,
         coalesce(' WITH (' || array_to_string(i.reloptions, ', ') || ')', '') AS options,
         coalesce(' WHERE ' || pg_get_expr(x.indpred, x.indrelid), '') AS predicate,
         substr(pg_get_indexdef(x.indexrelid), length(format('CREATE %sINDEX %I ON %s%s ',
                  CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname,
                  CASE i.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END, leaf.full_name)) + 1) AS rest,
         coalesce(substring(pg_get_constraintdef(k.oid) FROM ' DEFERRABLE.*$'), '') AS timing,
         k.contype = 'x' OR coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) AS by_constraint
    FROM leaf
    JOIN pg_index AS x ON x.indrelid = leaf.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid
    JOIN own_names AS o ON o.oid = i.oid
    LEFT JOIN pg_tablespace AS ts ON ts.oid = i.reltablespace
    LEFT JOIN pg_constraint AS k ON k.conindid = x.indexrelid AND k.conrelid = leaf.oid AND k.contype IN ('p', 'u', 'x')
    CROSS JOIN LATERAL (
      SELECT string_agg(quote_ident(w.name), ', ' ORDER BY w.place) AS columns
        FROM json_array_elements_text($5::json) WITH ORDINALITY AS w (name, place)
        JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attname = w.name
       WHERE x.indisunique AND NOT a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
    ) AS lacking
    CROSS JOIN LATERAL (
      SELECT string_agg(pg_get_indexdef(x.indexrelid, n, false)
                        || coalesce(' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname), '')
                        || CASE WHEN q.opcdefault THEN '' ELSE format(' %I.%I', qn.nspname, q.opcname) END
                        || CASE x.indoption[n - 1] & 3 WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' ELSE '' END,
                        ', ' ORDER BY n) FILTER (WHERE n <= x.indnkeyatts) AS key,
             string_agg(quote_ident(a.attname), ', ' ORDER BY n) FILTER (WHERE n > x.indnkeyatts AND NOT coalesce(
                        a.attname IN (SELECT json_array_elements_text($5::json)), false)) AS included
        FROM generate_series(1, x.indnatts) AS n
        LEFT JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum = x.indkey[n - 1] AND a.attnum > 0
        LEFT JOIN pg_collation AS co ON co.oid = x.indcollation[n - 1] AND co.oid IS DISTINCT FROM a.attcollation AND co.collname <> 'default'
        LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
        LEFT JOIN pg_opclass AS q ON q.oid = x.indclass[n - 1]
        LEFT JOIN pg_namespace AS qn ON qn.oid = q.opcnamespace
    ) AS written
), built AS (
  -- What stands behind the table's name in CREATE INDEX.
  SELECT indexes.*, CASE WHEN lacking IS NULL THEN rest
                         ELSE format('USING btree (%s)%s%s%s%s', key, included, nulls, options, predicate) END AS body,
         coalesce(' TABLESPACE ' || quote_ident(spcname), '') AS in_place,
         coalesce('SET LOCAL default_tablespace = ' || quote_literal(spcname) || '; ', '') AS placed,
         CASE WHEN spcname IS NOT NULL THEN '; SET LOCAL default_tablespace = ''''' ELSE '' END AS placed_end
    FROM indexes
), own_triggers AS (
  SELECT t.*, replace(pg_get_triggerdef(t.oid), format(' ON %s ', leaf.full_name), format(' ON %s ', $2::text)) AS definition
    FROM leaf JOIN pg_trigger AS t ON t.tgrelid = leaf.oid
   WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^partdemo_(capture|guard)_\d+$'
), grantees AS (
  SELECT a.*, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role,
         CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option
    FROM leaf CROSS JOIN aclexplode(leaf.relacl) AS a
), numbered AS (
  -- Of several of one kind on the same columns the first one stands for the first one.
  SELECT x.*, pg_get_statisticsobjdef_columns(x.oid) AS columns,
         row_number() OVER (PARTITION BY x.stxrelid, x.stxkind, pg_get_statisticsobjdef_columns(x.oid) ORDER BY x.oid) AS n
    FROM pg_statistic_ext AS x, leaf WHERE x.stxrelid IN (leaf.oid, to_regclass($2::text))
), statements (phase, place, name, statement, final) AS (
  SELECT 'bare', 1, '', format('ALTER TABLE %s SET (%s)', $2::text, list), NULL::text FROM options WHERE list IS NOT NULL AND $5::text IS NULL
  UNION ALL
  SELECT 'bare', 2, a.attname, format('ALTER TABLE %s ALTER %I SET STATISTICS %s', $2::text, a.attname, a.attstattarget), NULL
    FROM leaf JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE a.attstattarget >= 0
  UNION ALL
  SELECT 'bare', 3, a.attname, format('ALTER TABLE %s ALTER %I SET (%s)', $2::text, a.attname, array_to_string(a.attoptions, ', ')), NULL
    FROM leaf JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE a.attoptions IS NOT NULL
  UNION ALL
  -- Default privileges: nobody may do with the new table, also as a partition of another, what he may not with the old one.
  SELECT 'bare', 5, '', format('REVOKE %s ON %s FROM %s', string_agg(privilege_type, ', ' ORDER BY privilege_type), $2::text, role), NULL
    FROM (SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
            FROM pg_class AS t CROSS JOIN aclexplode(t.relacl) AS a
           WHERE t.oid = to_regclass($2::text) AND a.grantee <> t.relowner
             AND NOT EXISTS (SELECT FROM grantees AS g
                              WHERE (g.grantee, g.privilege_type) = (a.grantee, a.privilege_type) AND g.is_grantable >= a.is_grantable)) AS more
   GROUP BY role
  UNION ALL
  SELECT CASE WHEN indexrelid = $6::bigint THEN 'key' ELSE 'index' END, CASE WHEN indisprimary THEN 1 ELSE 2 END, relname,
         CASE WHEN by_constraint
              THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, new_name, pg_get_constraintdef(constraint_oid))
              WHEN contype IN ('p', 'u') AND $5::text IS NOT NULL
              THEN placed || format('ALTER TABLE %s ADD CONSTRAINT %I %s%s (%s)%s%s%s', $2::text, new_name, kind, nulls, key, included, options, timing)
              ELSE placed || format('CREATE %sINDEX %I ON %s %s', CASE WHEN indisunique THEN 'UNIQUE ' ELSE '' END, new_name, $2::text, body) END
         || CASE WHEN contype IN ('p', 'u') AND NOT by_constraint AND $5::text IS NULL
                 THEN format('; ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s', $2::text, new_name, kind, new_name, timing)
                 ELSE '' END
         || CASE WHEN by_constraint THEN '' ELSE placed_end END
         || coalesce(format('; COMMENT ON INDEX %I.%I IS ', $3::text, new_name) || quote_literal(obj_description(indexrelid, 'pg_class')), '')
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', new_name, $2::text)
                     || quote_literal(obj_description(constraint_oid, 'pg_constraint')), '')
         || CASE WHEN indisclustered AND $5::text IS NULL THEN format('; ALTER TABLE %s CLUSTER ON %I', $2::text, new_name) ELSE '' END
         || CASE WHEN indisreplident THEN format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', $2::text, new_name) ELSE '' END
         || coalesce((SELECT string_agg(format('; ALTER INDEX %I.%I ALTER %s SET STATISTICS %s', $3::text, new_name,
                                               a.attnum, a.attstattarget), '' ORDER BY a.attnum)
                        FROM pg_attribute AS a WHERE a.attrelid = indexrelid AND a.attstattarget >= 0), ''),
         format('ALTER INDEX %I.%I RENAME TO %I', $3::text, new_name, relname)
    FROM built
  UNION ALL
  SELECT 'wider', CASE WHEN indisprimary THEN 1 ELSE 2 END, relname,
         format('CREATE UNIQUE INDEX CONCURRENTLY partdemo_wider_%s ON %s %s%s%s', indexrelid, full_name,
                left(body, length(body) - length(predicate)), in_place, predicate),
         CASE WHEN contype IS NULL
              THEN format('DROP INDEX %I.%I; ALTER INDEX %I.partdemo_wider_%s RENAME TO %I', $3::text, relname, $3::text, indexrelid, new_name)
              ELSE format('ALTER TABLE %s DROP CONSTRAINT %I; ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX partdemo_wider_%s%s',
                          $2::text, conname, $2::text, new_name, kind, indexrelid, timing) END
         || coalesce(format('; COMMENT ON INDEX %I.%I IS ', $3::text, new_name) || quote_literal(obj_description(indexrelid, 'pg_class')), '')
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', new_name, $2::text)
                     || quote_literal(obj_description(constraint_oid, 'pg_constraint')), '')
         || CASE WHEN indisclustered THEN format('; ALTER TABLE %s CLUSTER ON %I', $2::text, new_name) ELSE '' END
         || CASE WHEN indisreplident THEN format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', $2::text, new_name) ELSE '' END
    FROM built WHERE lacking IS NOT NULL
  UNION ALL
  SELECT 'narrow', CASE WHEN indisprimary THEN 1 ELSE 2 END, relname,
         format('CREATE UNIQUE INDEX CONCURRENTLY partdemo_narrow_%s ON %s %s%s%s', indexrelid, $2::text,
                left(rest, length(rest) - length(predicate)), in_place, predicate),
         CASE WHEN contype IS NULL
              THEN format('DROP INDEX %I.%I; ALTER INDEX %I.partdemo_narrow_%s RENAME TO %I', $3::text, new_name, $3::text, indexrelid, relname)
              ELSE format('ALTER TABLE %s DROP CONSTRAINT %I; ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX partdemo_narrow_%s%s',
                          full_name, new_name, full_name, conname, kind, indexrelid, timing) END
         || coalesce(format('; COMMENT ON INDEX %I.%I IS ', $3::text, relname) || quote_literal(obj_description(indexrelid, 'pg_class')), '')
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', relname, full_name)
                     || quote_literal(obj_description(constraint_oid, 'pg_constraint')), '')
         || CASE WHEN indisclustered THEN format('; ALTER TABLE %s CLUSTER ON %I', full_name, relname) ELSE '' END
         || CASE WHEN indisreplident THEN format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', full_name, relname) ELSE '' END
         || coalesce((SELECT string_agg(format('; ALTER INDEX %I.%I ALTER %s SET STATISTICS %s', $3::text, relname,
                                               a.attnum, a.attstattarget), '' ORDER BY a.attnum)
                        FROM pg_attribute AS a WHERE a.attrelid = indexrelid AND a.attstattarget >= 0), '')
    FROM built WHERE lacking IS NOT NULL
  UNION ALL
  SELECT 'away', 1, relname, format('ALTER INDEX %I.%I RENAME TO %I', $3::text, relname, new_name),
         format('ALTER INDEX %I.%I RENAME TO %I', $3::text, new_name, relname)
    FROM indexes WHERE lacking IS NULL AND $5::text IS NOT NULL
  UNION ALL
  SELECT 'away', 2, x.stxname, format('ALTER STATISTICS %I.%I RENAME TO %I', n.nspname, x.stxname, o.new_name),
         format('ALTER STATISTICS %I.%I RENAME TO %I', n.nspname, o.new_name, x.stxname)
    FROM own_names AS o JOIN pg_statistic_ext AS x ON x.oid = o.oid JOIN pg_namespace AS n ON n.oid = x.stxnamespace
   WHERE $5::text IS NOT NULL
  UNION ALL
  SELECT 'away', 3, tgname, format('DROP TRIGGER %I ON %s', tgname, $2::text), NULL FROM own_triggers WHERE $5::text IS NOT NULL
  UNION ALL
  SELECT 'end', 1, '', format('ALTER TABLE %s OWNER TO %s', $2::text, leaf.relowner::regrole), NULL FROM leaf
  UNION ALL
  SELECT 'end', 2, x.stxname, format('ALTER STATISTICS %I.%I OWNER TO %s', n.nspname, x.stxname, o.stxowner::regrole)
         || CASE WHEN o.stxstattarget >= 0
                 THEN format('; ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, x.stxname, o.stxstattarget)
                 ELSE '' END,
         CASE WHEN o.stxnamespace <> x.stxnamespace THEN format('ALTER STATISTICS %I.%I SET SCHEMA %I; ', n.nspname, x.stxname, h.nspname) ELSE '' END
         || format('ALTER STATISTICS %I.%I RENAME TO %I', h.nspname, x.stxname, o.stxname)
    FROM leaf
    JOIN numbered AS x ON x.stxrelid = to_regclass($2::text)
    JOIN pg_namespace AS n ON n.oid = x.stxnamespace
    JOIN numbered AS o ON o.stxrelid = leaf.oid AND o.stxkind = x.stxkind AND o.columns = x.columns AND o.n = x.n
    JOIN pg_namespace AS h ON h.oid = o.stxnamespace
  UNION ALL
  SELECT 'end', 3, '', format('REVOKE ALL ON %s FROM %s', $2::text, string_agg(DISTINCT role, ', ')), NULL
    FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
            FROM pg_class AS t CROSS JOIN aclexplode(t.relacl) AS a
           WHERE t.oid = to_regclass($2::text) AND a.grantee <> t.relowner
           UNION
          SELECT relowner::regrole::text FROM leaf WHERE relacl IS NOT NULL) AS roles
  HAVING count(*) > 0
  UNION ALL
  SELECT 'end', 4, role || privilege_type, format('GRANT %s ON %s TO %s%s', privilege_type, $2::text, role, option), NULL
    FROM grantees
  UNION ALL
  SELECT 'end', 5, a.attname, format('GRANT %s (%I) ON %s TO %s%s', x.privilege_type, a.attname, $2::text,
         CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END,
         CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), NULL
    FROM leaf JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
   CROSS JOIN aclexplode(a.attacl) AS x
  UNION ALL
  SELECT 'end', 6, '', format('COMMENT ON TABLE %s IS %L', $2::text, obj_description(leaf.oid, 'pg_class')), NULL
    FROM leaf WHERE obj_description(leaf.oid, 'pg_class') IS NOT NULL
  UNION ALL
  SELECT 'end', 7, p.polname, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, $2::text,
         CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
         CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
         (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) AS r),
         coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
         coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
         || coalesce(format('; COMMENT ON POLICY %I ON %s IS ', p.polname, $2::text) || quote_literal(obj_description(p.oid, 'pg_policy')), ''), NULL
    FROM leaf JOIN pg_policy AS p ON p.polrelid = leaf.oid
  UNION ALL
  SELECT 'bare', 4, '', format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', $2::text), NULL FROM leaf WHERE relrowsecurity
  UNION ALL
  SELECT 'attached', 1, '', format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', $2::text), NULL FROM leaf WHERE relforcerowsecurity
  UNION ALL
  SELECT 'end', 8, '', format('ALTER TABLE %s REPLICA IDENTITY %s', $2::text, CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END), NULL
    FROM leaf WHERE relreplident IN ('f', 'n')
  UNION ALL
  SELECT 'attached', 2, tgname, definition
         || coalesce(format('; COMMENT ON TRIGGER %I ON %s IS ', tgname, $2::text) || quote_literal(obj_description(oid, 'pg_trigger')), ''), NULL
    FROM own_triggers
  UNION ALL
  SELECT 'attached', 3, t.tgname, format('ALTER TABLE %s %s TRIGGER %I', $2::text, CASE t.tgenabled WHEN 'D' THEN 'DISABLE'
         WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, t.tgname), NULL
    FROM leaf JOIN pg_trigger AS t ON t.tgrelid = leaf.oid
    LEFT JOIN pg_trigger AS above ON above.oid = t.tgparentid
   WHERE NOT t.tgisinternal AND t.tgname !~ '^partdemo_(capture|guard)_\d+$'
     AND t.tgenabled <> coalesce(above.tgenabled, 'O')
)
SELECT phase, statement, final FROM statements ORDER BY phase, place, name;
