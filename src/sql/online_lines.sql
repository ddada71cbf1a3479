-- The definition of the table with OID $1, one line for each thing that it has, without the names that belong to
-- it alone (its own, those of its indexes and constraints), its bound, and what partdemo itself put there.
-- Two tables of one definition have the same lines.
WITH this AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::bigint
), lines (line) AS (
  SELECT format('table: owner %s, method %s, tablespace %s, persistence %s, options %s, toast options %s', relowner::regrole,
                (SELECT amname FROM pg_am WHERE oid = relam), reltablespace, relpersistence,
                (SELECT array_agg(o ORDER BY o) FROM unnest(reloptions) AS o),
                (SELECT array_agg(o ORDER BY o) FROM pg_class AS t, unnest(t.reloptions) AS o WHERE t.oid = reltoastrelid))
    FROM this
  UNION ALL
  SELECT format('table: row security %s, forced %s, replica identity %s, comment %s', relrowsecurity, relforcerowsecurity,
                relreplident, obj_description(oid, 'pg_class')) FROM this
  UNION ALL
  SELECT format('column %I %s%s%s%s%s%s storage %s compression %s statistics %s options %s comment %s', a.attname,
                format_type(a.atttypid, a.atttypmod),
                coalesce(' collate ' || nullif(a.attcollation, 0)::regcollation, ''),
                CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
                ' identity ' || a.attidentity::text, ' generated ' || a.attgenerated::text,
                a.attstorage, a.attcompression, coalesce(a.attstattarget, -1), a.attoptions,
                col_description(a.attrelid, a.attnum))
    FROM this JOIN pg_attribute AS a ON a.attrelid = this.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT format('privilege %s of %s granted by %s, grantable %s', x.privilege_type, x.grantee::regrole, x.grantor::regrole, x.is_grantable)
    FROM this CROSS JOIN aclexplode(coalesce(relacl, acldefault('r', relowner))) AS x
  UNION ALL
  SELECT format('privilege %s (%I) of %s granted by %s, grantable %s', x.privilege_type, a.attname, x.grantee::regrole, x.grantor::regrole, x.is_grantable)
    FROM this JOIN pg_attribute AS a ON a.attrelid = this.oid AND a.attnum > 0 AND NOT a.attisdropped
   CROSS JOIN aclexplode(a.attacl) AS x
  UNION ALL
  SELECT format('constraint %s, validated %s, comment %s', pg_get_constraintdef(k.oid), k.convalidated,
                obj_description(k.oid, 'pg_constraint'))
    FROM this JOIN pg_constraint AS k ON k.conrelid = this.oid
    LEFT JOIN pg_constraint AS up ON up.oid = k.conparentid
   WHERE k.contype <> 't' AND k.conname !~ '^partdemo_(bound$|promise_\d+$)' AND up.conrelid IS DISTINCT FROM this.oid
  UNION ALL
  -- Whether it is validated is said by the foreign key itself; PostgreSQL before 18 does not repeat it in the
  -- rows for the partitions of the table that it refers to.
  SELECT format('referenced by %s: %s, validated %s', k.conrelid::regclass,
                replace(replace(pg_get_constraintdef(k.oid), this.oid::regclass::text, '<table>'), ' NOT VALID', ''),
                (WITH RECURSIVE up AS (
                   SELECT k.oid, k.conparentid, k.convalidated
                   UNION ALL
                   SELECT o.oid, o.conparentid, o.convalidated FROM up JOIN pg_constraint AS o ON o.oid = up.conparentid
                 ) SELECT convalidated FROM up WHERE conparentid = 0))
    FROM this JOIN pg_constraint AS k ON k.confrelid = this.oid
  UNION ALL
  SELECT format('%s index %s, primary %s, clustered %s, replica identity %s, tablespace %s, part of %s, comment %s, statistics %s',
                CASE WHEN x.indisunique THEN 'unique' ELSE 'plain' END,
                substring(pg_get_indexdef(x.indexrelid) FROM length(format('CREATE %sINDEX %I ON %s%s ',
                CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname,
                CASE i.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END, this.full_name)) + 1),
                x.indisprimary, x.indisclustered, x.indisreplident, i.reltablespace, up.inhparent::regclass,
                obj_description(i.oid, 'pg_class'),
                (SELECT array_agg(coalesce(a.attstattarget, -1) ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = i.oid))
         || CASE WHEN x.indisvalid THEN '' ELSE ', not valid' END
    FROM this JOIN pg_index AS x ON x.indrelid = this.oid JOIN pg_class AS i ON i.oid = x.indexrelid
    LEFT JOIN pg_inherits AS up ON up.inhrelid = i.oid
   WHERE i.relname !~ '^partdemo_(wider|narrow)_\d+$'
  UNION ALL
  SELECT format('trigger %s, enabled %s, comment %s',
                replace(pg_get_triggerdef(t.oid), format(' ON %s ', this.full_name), ' ON <table> '), t.tgenabled,
                obj_description(t.oid, 'pg_trigger'))
    FROM this JOIN pg_trigger AS t ON t.tgrelid = this.oid
   WHERE NOT t.tgisinternal AND t.tgname !~ '^partdemo_(capture|guard)_\d+$'
  UNION ALL
  SELECT format('policy %I permissive %s for %s to %s using %s check %s comment %s', p.polname, p.polpermissive, p.polcmd,
                (SELECT array_agg(r::regrole ORDER BY r) FROM unnest(p.polroles) AS r),
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
    FROM this JOIN pg_policy AS p ON p.polrelid = this.oid
  UNION ALL
  SELECT format('statistics %s on %s, owner %s, target %s, comment %s', s.stxkind, pg_get_statisticsobjdef_columns(s.oid),
                s.stxowner::regrole, coalesce(s.stxstattarget, -1), obj_description(s.oid, 'pg_statistic_ext'))
    FROM this JOIN pg_statistic_ext AS s ON s.stxrelid = this.oid
)
SELECT line FROM lines ORDER BY line COLLATE "C";
