-- Every catalog detail of the schemas that are not PostgreSQL's own, as lines of text in a fixed order. Two states
-- with the same lines have the same schema. No OIDs, no rows, no positions of sequences: what a dump cannot tell apart
-- is the same here too.
\pset format unaligned
\pset tuples_only on
WITH rel AS (
    SELECT c.*, c.oid::regclass::text AS name
    FROM pg_class AS c
    WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND c.relnamespace::regnamespace::text !~ '^pg_(toast|temp)'
), line (kind, name, what) AS (
    -- Relations of every kind.
    SELECT 'relation', name, concat_ws(' ', 'kind=' || relkind::text, 'persistence=' || relpersistence::text,
        'owner=' || relowner::regrole, 'acl=' || coalesce(relacl::text, 'default'),
        'options=' || coalesce(reloptions::text, 'none'),
        'am=' || coalesce((SELECT amname FROM pg_am WHERE oid = relam), 'none'), 'tablespace=' || reltablespace,
        'identity=' || relreplident::text, 'rls=' || relrowsecurity, 'forced=' || relforcerowsecurity,
        'natts=' || relnatts, 'checks=' || relchecks, 'rules=' || relhasrules, 'triggers=' || relhastriggers,
        'partition=' || relispartition, 'populated=' || relispopulated, 'typed=' || reloftype::regtype,
        'toast=' || (reltoastrelid <> 0),
        'toastoptions=' || coalesce((SELECT t.reloptions::text FROM pg_class AS t WHERE t.oid = reltoastrelid), 'none'))
    FROM rel
    UNION ALL
    SELECT 'bound', name, concat_ws(' ', i.inhparent::regclass, i.inhseqno, 'pending=' || i.inhdetachpending,
        pg_get_expr(relpartbound, rel.oid))
    FROM rel JOIN pg_inherits AS i ON i.inhrelid = rel.oid
    UNION ALL
    SELECT 'key', name, concat_ws(' ', pg_get_partkeydef(rel.oid), 'default=' || p.partdefid::regclass)
    FROM rel JOIN pg_partitioned_table AS p ON p.partrelid = rel.oid
    UNION ALL
    -- Dropped columns too: a table with one was altered, not made anew.
    SELECT 'column', name, concat_ws(' ', to_char(a.attnum, 'FM00'), a.attname, format_type(a.atttypid, a.atttypmod),
        'dropped=' || a.attisdropped, 'notnull=' || a.attnotnull, 'identity=' || a.attidentity::text, 'generated=' || a.attgenerated::text,
        'storage=' || a.attstorage::text, 'compression=' || a.attcompression::text, 'collation=' || a.attcollation::regcollation,
        'target=' || coalesce(nullif(a.attstattarget, -1)::text, 'default'), 'acl=' || coalesce(a.attacl::text, 'default'),
        'options=' || coalesce(a.attoptions::text, 'none'), 'local=' || a.attislocal, 'inherited=' || a.attinhcount,
        'missing=' || a.atthasmissing, 'default=' || coalesce(pg_get_expr(d.adbin, d.adrelid), 'none'))
    FROM rel JOIN pg_attribute AS a ON a.attrelid = rel.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE rel.relkind <> 'i' AND rel.relkind <> 'I'
    UNION ALL
    SELECT 'constraint', coalesce(nullif(c.conrelid::regclass::text, '-'), c.contypid::regtype::text),
        concat_ws(' ', c.conname, 'type=' || c.contype::text, pg_get_constraintdef(c.oid), 'valid=' || c.convalidated,
        'deferrable=' || c.condeferrable, 'deferred=' || c.condeferred, 'local=' || c.conislocal,
        'inherited=' || c.coninhcount, 'noinherit=' || c.connoinherit,
        'index=' || coalesce(nullif(c.conindid, 0)::regclass::text, 'none'),
        'parent=' || coalesce((SELECT p.conrelid::regclass || '.' || p.conname FROM pg_constraint AS p
                               WHERE p.oid = c.conparentid), 'none'))
    FROM pg_constraint AS c
    WHERE c.connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL
    SELECT 'index', name, concat_ws(' ', pg_get_indexdef(rel.oid), 'valid=' || x.indisvalid, 'ready=' || x.indisready,
        'live=' || x.indislive, 'unique=' || x.indisunique, 'primary=' || x.indisprimary,
        'immediate=' || x.indimmediate, 'clustered=' || x.indisclustered, 'replident=' || x.indisreplident,
        'nullsequal=' || x.indnullsnotdistinct)
    FROM rel JOIN pg_index AS x ON x.indexrelid = rel.oid
    UNION ALL
    SELECT 'trigger', name, concat_ws(' ', t.tgname, 'enabled=' || t.tgenabled::text, 'internal=' || t.tgisinternal,
        'parent=' || coalesce((SELECT p.tgrelid::regclass || '.' || p.tgname FROM pg_trigger AS p
                               WHERE p.oid = t.tgparentid), 'none'), pg_get_triggerdef(t.oid))
    FROM rel JOIN pg_trigger AS t ON t.tgrelid = rel.oid
    UNION ALL
    SELECT 'sequence', name, concat_ws(' ', s.seqtypid::regtype, 'start=' || s.seqstart, 'by=' || s.seqincrement,
        'min=' || s.seqmin, 'max=' || s.seqmax, 'cache=' || s.seqcache, 'cycle=' || s.seqcycle,
        'owned=' || coalesce((SELECT d.refobjid::regclass || '.' || a.attname || ' ' || d.deptype::text
                              FROM pg_depend AS d
                              JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                              WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.deptype IN ('a', 'i')), 'none'))
    FROM rel JOIN pg_sequence AS s ON s.seqrelid = rel.oid
    UNION ALL
    SELECT 'rule', name, pg_get_ruledef(r.oid) FROM rel JOIN pg_rewrite AS r ON r.ev_class = rel.oid
    UNION ALL
    SELECT 'policy', name, concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[],
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM rel JOIN pg_policy AS p ON p.polrelid = rel.oid
    UNION ALL
    SELECT 'statistics', name, concat_ws(' ', pg_get_statisticsobjdef(s.oid), s.stxowner::regrole)
    FROM rel JOIN pg_statistic_ext AS s ON s.stxrelid = rel.oid
    UNION ALL
    SELECT 'publication', name, p.pubname
    FROM rel JOIN pg_publication_rel AS r ON r.prrelid = rel.oid JOIN pg_publication AS p ON p.oid = r.prpubid
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, concat_ws(' ', 'owner=' || p.proowner::regrole,
        'acl=' || coalesce(p.proacl::text, 'default'), pg_get_functiondef(p.oid))
    FROM pg_proc AS p
    WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND p.prokind <> 'a'
    UNION ALL
    SELECT 'type', t.oid::regtype::text, concat_ws(' ', 'kind=' || t.typtype::text, 'owner=' || t.typowner::regrole,
        'acl=' || coalesce(t.typacl::text, 'default'), 'array=' || (t.typarray <> 0))
    FROM pg_type AS t
    WHERE t.typnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND t.typnamespace::regnamespace::text !~ '^pg_(toast|temp)'
    UNION ALL
    SELECT 'schema', n.nspname, concat_ws(' ', n.nspowner::regrole, coalesce(n.nspacl::text, 'default'))
    FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    -- Comments, on whatever they are; those of PostgreSQL's own objects are old.
    SELECT 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
    FROM pg_description AS d
    WHERE d.objoid >= 16384
    UNION ALL
    -- What belongs to what: the kinds of dependencies, besides the definitions above.
    SELECT 'depends', pg_describe_object(d.classid, d.objid, d.objsubid),
        concat_ws(' ', d.deptype, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid))
    FROM pg_depend AS d
    JOIN rel ON d.classid = 'pg_class'::regclass AND d.objid = rel.oid
)
-- The triggers of foreign keys have OIDs in their names.
SELECT shown
FROM line, regexp_replace(concat_ws(' ', kind, name, regexp_replace(what, '\s+', ' ', 'g')),
                          'RI_ConstraintTrigger_([ac])_\d+', 'RI_ConstraintTrigger_\1', 'g') AS shown
ORDER BY shown COLLATE "C";
