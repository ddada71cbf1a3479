-- The statements that give the new partitioned table $2 what the table with OID $1 has as a whole, besides what
-- online_definition.sql gives. $3: the name of the old one by then, when it is another.
-- $4: columns that get another type then, a JSON array of { name, sequence: the type of theirs, sequence_now }; a bound that is the
-- limit of a type becomes that of the other.
-- Run with an empty search_path, so that all names have their schemas. Phases:
-- foreign (on the new table while it is empty: foreign keys to other tables), sequence (in the swap, while the old table
-- has its name still and $2 is the new one's: nextval() goes on where it is), view (in the swap, when the new table has the
-- name: views read it from then on).
WITH this AS (
  SELECT c.*, coalesce($3::text, format('%I.%I', n.nspname, c.relname)) AS full_name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::bigint
), room (type, least, most) AS (
  VALUES ('smallint', -32768::bigint, 32767::bigint), ('integer', -2147483648, 2147483647),
         ('bigint', -9223372036854775808, 9223372036854775807)
), wanted AS (
  SELECT w.*, room.least, room.most, now.least AS least_now, now.most AS most_now
    FROM json_to_recordset($4::json) AS w (name text, sequence text, sequence_now text)
    JOIN room ON room.type = w.sequence JOIN room AS now ON now.type = w.sequence_now
   WHERE w.sequence <> w.sequence_now
), owned AS (
  SELECT s.*, w.sequence, CASE WHEN s.seqmin = w.least_now THEN w.least ELSE s.seqmin END AS least,
         CASE WHEN s.seqmax = w.most_now THEN w.most ELSE s.seqmax END AS most, d.deptype, quote_ident(a.attname) AS attname, a.attidentity, n.nspname, c.relname, c.relacl, c.relowner,
         format('%I.%I', n.nspname, c.relname) AS full_name, format('%I.partdemo_%s', n.nspname, c.oid) AS aside
    FROM this
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = this.oid AND d.refobjsubid > 0
     AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_sequence AS s ON s.seqrelid = c.oid
    JOIN pg_attribute AS a ON a.attrelid = this.oid AND a.attnum = d.refobjsubid
    LEFT JOIN wanted AS w ON w.name = a.attname AND w.sequence_now = format_type(s.seqtypid, NULL)
), statements (phase, place, name, statement) AS (
  SELECT 'foreign', 1, k.conname::text, format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, k.conname, pg_get_constraintdef(k.oid))
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, $2::text)
                     || quote_literal(obj_description(k.oid, 'pg_constraint')), '')
    FROM this JOIN pg_constraint AS k ON k.conrelid = this.oid AND k.contype = 'f' AND k.conparentid = 0
  UNION ALL
  -- A serial column: the new table owns its sequence. The old one's default goes on using it.
  SELECT 'sequence', 1, relname, format('ALTER SEQUENCE %s%s OWNED BY %s.%s', full_name, ' AS ' || sequence, $2::text, attname)
    FROM owned WHERE deptype = 'a'
  UNION ALL
  -- An identity column has its sequence for itself: the new table gets one that takes over name and position. The old
  -- one must not be an identity column any more when it becomes a partition.
  SELECT 'sequence', 2, relname, concat_ws('; ',
         format('ALTER SEQUENCE %s RENAME TO partdemo_%s', full_name, seqrelid),
         format('ALTER TABLE %s ALTER %s ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s)',
                $2::text, attname, CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, full_name,
                seqstart, seqincrement, least, most, seqcache, CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END),
         format('SELECT setval(%L::regclass, last_value, is_called) FROM %s', full_name, aside),
         format('ALTER TABLE %s ALTER %s DROP IDENTITY', (SELECT full_name FROM this), attname),
         (SELECT format('REVOKE ALL ON SEQUENCE %s FROM %s', full_name, string_agg(DISTINCT r.role, ', '))
            FROM (SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS role FROM pg_default_acl AS f
                   CROSS JOIN aclexplode(f.defaclacl) AS x WHERE f.defaclobjtype = 'S'
                  UNION SELECT owned.relowner::regrole::text WHERE owned.relacl IS NOT NULL) AS r HAVING count(*) > 0),
         (SELECT string_agg(format('GRANT %s ON SEQUENCE %s TO %s%s', x.privilege_type, full_name,
                                   CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END,
                                   CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '; ')
            FROM aclexplode(owned.relacl) AS x),
         format('COMMENT ON SEQUENCE %s IS ', full_name) || quote_literal(obj_description(seqrelid, 'pg_class')))
    FROM owned WHERE deptype = 'i'
  UNION ALL
  SELECT 'view', 1, c.oid::regclass::text, format('CREATE OR REPLACE VIEW %I.%I%s AS %s', n.nspname, c.relname,
         coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';'))
    FROM this
    JOIN LATERAL (SELECT DISTINCT r.ev_class FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid
                   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = this.oid
                     AND r.rulename = '_RETURN') AS v ON true
    JOIN pg_class AS c ON c.oid = v.ev_class AND c.relkind = 'v'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
)
SELECT phase, statement FROM statements ORDER BY phase, place, name;
