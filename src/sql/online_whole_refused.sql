-- What hangs on the table with OID $1, or on a partition of it, and cannot be carried over to a new partitioned table
-- that takes its name, besides what online_refused_own.sql lists: what it is, why, and the SQL that moves it out
-- of the way. $2: the columns of the new partition key as a JSON array; $3: whether unique indexes that lack one are
-- made wider by it; $4: whether the new key has expressions. No row: nothing stands in the way.
WITH this AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::bigint
), tree AS (
  SELECT oid FROM this UNION SELECT relid FROM this, pg_partition_tree(this.oid)
), parts (class, oid) AS (
  SELECT 'pg_class'::regclass, oid FROM tree
  UNION ALL
  SELECT 'pg_type'::regclass, unnest(ARRAY[t.oid, nullif(t.typarray, 0)]) FROM tree JOIN pg_type AS t ON t.typrelid = tree.oid
  UNION ALL
  SELECT 'pg_constraint'::regclass, k.oid FROM tree JOIN pg_constraint AS k ON k.conrelid = tree.oid
), depends AS (
  -- What depends on one of them, or on the type of its rows, and is not a part of it; on its constraints, rules alone.
  SELECT DISTINCT d.classid, d.objid, d.refclassid
    FROM parts JOIN pg_depend AS d ON d.refclassid = parts.class AND d.refobjid = parts.oid
   WHERE d.deptype IN ('n', 'a') AND (parts.class <> 'pg_constraint'::regclass OR d.classid = 'pg_rewrite'::regclass)
), keys AS (
  -- Foreign keys to the table, and whether their columns have the whole new key among them.
  SELECT k.*, k.conrelid IN (SELECT oid FROM tree) AS is_own,
         NOT EXISTS (SELECT FROM json_array_elements_text($2::json) AS w (name)
                       JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attname = w.name
                      WHERE a.attnum <> ALL (k.confkey)) AND NOT $4::boolean AS has_key
    FROM pg_constraint AS k
   WHERE k.contype = 'f' AND k.confrelid IN (SELECT oid FROM tree) AND k.conparentid = 0
), uniques AS (
  SELECT x.*, i.relname, k.conname, k.contype, coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) AS period,
         (SELECT string_agg(quote_ident(w.name), ', ' ORDER BY w.place)
            FROM json_array_elements_text($2::json) WITH ORDINALITY AS w (name, place)
            JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attname = w.name
           WHERE NOT a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])) AS lacking
    FROM this
    JOIN pg_index AS x ON x.indrelid = this.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid
    LEFT JOIN pg_constraint AS k ON k.conindid = x.indexrelid AND k.conrelid = this.oid AND k.contype IN ('p', 'u', 'x')
   WHERE (x.indisunique OR x.indisexclusion) AND i.relname !~ '^partdemo_(wider|narrow)_\d+$'
)
SELECT 'the table ' || full_name AS what,
       CASE WHEN relispartition THEN 'it is a partition itself'
            WHEN relpersistence = 't' THEN 'it is temporary'
            WHEN reloftype <> 0 THEN 'it is of a composite type'
            WHEN relkind = 'f' THEN 'it is a foreign table'
            WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = this.oid) THEN 'it inherits from another table'
            ELSE 'other tables inherit from it' END AS why,
       CASE WHEN reloftype <> 0 THEN format('ALTER TABLE %s NOT OF;', full_name) END AS remedy
  FROM this
 WHERE relispartition OR relpersistence = 't' OR reloftype <> 0 OR relkind NOT IN ('r', 'p')
    OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = this.oid)
    OR relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = this.oid)
UNION ALL
SELECT 'the partition ' || i.inhrelid::regclass, 'its detach was interrupted',
       format('ALTER TABLE %s DETACH PARTITION %s FINALIZE;', i.inhparent::regclass, i.inhrelid::regclass)
  FROM pg_inherits AS i WHERE i.inhparent IN (SELECT oid FROM tree) AND i.inhdetachpending
UNION ALL
SELECT CASE u.contype WHEN 'p' THEN 'the primary key ' WHEN 'u' THEN 'the constraint ' ELSE 'the unique index ' END || quote_ident(u.relname),
       CASE WHEN $4::boolean THEN 'there is no uniqueness across partitions when an expression is in the key'
            WHEN u.period THEN 'it lacks the key column ' || u.lacking || ', and WITHOUT OVERLAPS has to come last'
            ELSE format('it lacks the key column %s, and PostgreSQL keeps uniqueness only within partitions', u.lacking) END,
       CASE WHEN $4::boolean OR u.period THEN
            CASE WHEN u.conname IS NULL THEN format('DROP INDEX CONCURRENTLY %s;', u.indexrelid::regclass)
                 ELSE format('ALTER TABLE %s DROP CONSTRAINT %I;', this.full_name, u.conname) END
            ELSE format('--widen adds %s to it; rows that are equal in the rest and differ there are allowed then', u.lacking) END
  FROM this JOIN uniques AS u ON u.indisunique
 WHERE $4::boolean OR u.lacking IS NOT NULL AND (u.period OR NOT $3::boolean)
UNION ALL
SELECT format('the exclusion constraint %I', u.conname),
       CASE WHEN current_setting('server_version_num')::int < 170000 THEN 'a partitioned table takes none before PostgreSQL 17'
            ELSE 'it lacks the key column ' || coalesce(u.lacking, 'as an expression') END,
       format('ALTER TABLE %s DROP CONSTRAINT %I;', this.full_name, u.conname)
  FROM this JOIN uniques AS u ON u.indisexclusion AND NOT u.indisunique
 WHERE current_setting('server_version_num')::int < 170000 OR $4::boolean OR u.lacking IS NOT NULL
UNION ALL
SELECT format('the constraint %I of %s', k.conname, k.conrelid::regclass), 'NO INHERIT: partitions would not have it',
       format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
  FROM this JOIN pg_constraint AS k ON k.conrelid = this.oid AND k.connoinherit AND k.contype IN ('c', 'n')
UNION ALL
SELECT format('the foreign key %I of %s', k.conname, k.conrelid::regclass),
       CASE WHEN k.is_own THEN 'it refers to its own table'
            WHEN k.confrelid <> this.oid THEN 'it refers to one partition'
            WHEN NOT k.has_key THEN format('a foreign key to a partitioned table has to have its key: (%s)',
                 (SELECT string_agg(quote_ident(w.name), ', ' ORDER BY w.place) FROM json_array_elements_text($2::json) WITH ORDINALITY AS w (name, place)))
            ELSE 'before PostgreSQL 18 one of a partitioned table can only be added with a scan' END,
       format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
       || CASE WHEN k.has_key THEN format('  -- afterwards: ADD CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)) ELSE '' END
  FROM this CROSS JOIN keys AS k JOIN pg_class AS c ON c.oid = k.conrelid
 WHERE k.is_own OR k.confrelid <> this.oid OR NOT k.has_key
    OR c.relkind = 'p' AND current_setting('server_version_num')::int < 180000
UNION ALL
SELECT format('the foreign key %I of %s', k.conname, k.conrelid::regclass), 'it was never validated',
       format('ALTER TABLE %s VALIDATE CONSTRAINT %I;', k.conrelid::regclass, k.conname)
  FROM pg_constraint AS k
 WHERE k.conrelid IN (SELECT oid FROM tree) AND k.contype = 'f' AND k.conparentid = 0
   AND NOT k.convalidated AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
UNION ALL
SELECT format('the trigger %I', t.tgname), 'a row trigger of a partitioned table has no transition tables',
       format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass)
  FROM pg_trigger AS t
 WHERE t.tgrelid IN (SELECT oid FROM tree) AND t.tgtype & 1 = 1 AND (t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL)
UNION ALL
-- Views are made again over the new table; those are left that CREATE OR REPLACE VIEW would refuse or not see.
SELECT CASE WHEN r.rulename <> '_RETURN' THEN format('the rule %I of ', r.rulename)
            WHEN c.relkind = 'm' THEN 'the materialized view ' ELSE 'the view ' END || c.oid::regclass,
       CASE WHEN r.rulename <> '_RETURN' THEN 'it reads or writes the table'
            WHEN c.relkind = 'm' THEN 'it cannot be made again without being filled again'
            WHEN c.relpersistence = 't' THEN 'it is a temporary view of some session'
            WHEN d.refclassid = 'pg_constraint'::regclass THEN 'its GROUP BY depends on the primary key'
            WHEN d.refclassid = 'pg_type'::regclass THEN 'it has the type of the table''s rows'
            ELSE 'it reads one partition' END,
       CASE WHEN r.rulename <> '_RETURN' THEN format('DROP RULE %I ON %s;', r.rulename, c.oid::regclass)
            ELSE format('DROP %sVIEW %s;  -- afterwards: CREATE %sVIEW %s AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END,
                        c.oid::regclass, CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, c.oid::regclass,
                        regexp_replace(pg_get_viewdef(c.oid), '\s+', ' ', 'g')) END
  FROM this CROSS JOIN depends AS d
  JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
  JOIN pg_class AS c ON c.oid = r.ev_class
 WHERE c.oid NOT IN (SELECT oid FROM tree)
   AND (r.rulename <> '_RETURN' OR c.relkind = 'm' OR c.relpersistence = 't' OR d.refclassid <> 'pg_class'::regclass
        OR NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_rewrite'::regclass AND e.objid = r.oid
                          AND e.refclassid = 'pg_class'::regclass AND e.refobjid = this.oid))
UNION ALL
SELECT pg_describe_object(d.classid, d.objid, 0),
       CASE d.refclassid WHEN 'pg_type'::regclass THEN 'it has the type of the table''s rows' ELSE 'it depends on the table' END, NULL
  FROM depends AS d
 WHERE NOT CASE d.classid
         WHEN 'pg_rewrite'::regclass THEN true
         WHEN 'pg_attrdef'::regclass THEN true
         WHEN 'pg_statistic_ext'::regclass THEN true
         WHEN 'pg_publication_rel'::regclass THEN true
         WHEN 'pg_constraint'::regclass THEN true
         WHEN 'pg_trigger'::regclass THEN
              EXISTS (SELECT FROM pg_trigger AS t WHERE t.oid = d.objid AND t.tgrelid IN (SELECT oid FROM tree))
         WHEN 'pg_policy'::regclass THEN
              EXISTS (SELECT FROM pg_policy AS p WHERE p.oid = d.objid AND p.polrelid IN (SELECT oid FROM tree))
         WHEN 'pg_class'::regclass THEN d.refclassid = 'pg_class'::regclass AND
              EXISTS (SELECT FROM pg_class AS c WHERE c.oid = d.objid
                         AND (c.relkind IN ('i', 'I', 't', 'S') OR c.oid IN (SELECT oid FROM tree)))
         ELSE false END
UNION ALL
SELECT format('the publication %I', b.pubname), 'subscribers would have to know the new table',
       CASE WHEN EXISTS (SELECT FROM pg_publication_rel AS r WHERE r.prpubid = b.oid AND r.prrelid IN (SELECT oid FROM tree))
            THEN format('ALTER PUBLICATION %I DROP TABLE %s;  -- afterwards: ADD TABLE, and SET (publish_via_partition_root = true)', b.pubname, this.full_name)
            ELSE format('ALTER PUBLICATION %I ...: publish single tables instead', b.pubname) END
  FROM this
  JOIN pg_publication AS b
    ON b.puballtables
    OR EXISTS (SELECT FROM pg_publication_namespace AS s
                WHERE s.pnpubid = b.oid AND s.pnnspid IN (SELECT relnamespace FROM tree JOIN pg_class USING (oid)))
    OR EXISTS (SELECT FROM pg_publication_rel AS r WHERE r.prpubid = b.oid AND r.prrelid IN (SELECT oid FROM tree))
UNION ALL
SELECT format('the default of %I of %s', a.attname, e.adrelid::regclass), format('it takes its values from the identity of %s', this.full_name),
       format('ALTER TABLE %s ALTER %I DROP DEFAULT;', e.adrelid::regclass, a.attname)
  FROM this
  JOIN pg_depend AS i ON i.refclassid = 'pg_class'::regclass AND i.refobjid = this.oid AND i.refobjsubid > 0
   AND i.classid = 'pg_class'::regclass AND i.deptype = 'i'
  JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = i.objid AND d.classid = 'pg_attrdef'::regclass
  JOIN pg_attrdef AS e ON e.oid = d.objid
  JOIN pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
UNION ALL
SELECT 'a subscription', 'it writes to the table by its OID',
       'ALTER SUBSCRIPTION ... REFRESH PUBLICATION; after the table was left out of the publication'
 WHERE EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid IN (SELECT oid FROM tree))
 ORDER BY 1;
