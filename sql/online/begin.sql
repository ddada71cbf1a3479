-- Make the schema in which online changes keep their progress
-- It is there while a run is, and goes with the last one.
CREATE SCHEMA IF NOT EXISTS partdemo;

-- Make the table of runs
-- One row for each run that has not ended: what was asked for, how far it came. A phase is written in the
-- transaction that ends it, so a run that was killed at any statement goes on where it stands.
CREATE TABLE IF NOT EXISTS partdemo.runs (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation text NOT NULL,
    arguments text NOT NULL,
    parent oid NOT NULL,
    sources oid[] NOT NULL,
    schema text NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    mark text,
    cursor text[],
    copied bigint NOT NULL DEFAULT 0,
    begun timestamptz NOT NULL DEFAULT now()
);

-- Make the function that says what the definition of partitions is made of
-- Catalog rows are replaced when something is altered, and a new row has a new xmin: a trigger that somebody
-- disabled and enabled again, a column that came, a constraint that went. VACUUM and ANALYZE write their
-- numbers in place and are not seen. Of the partitions beside it, the default partition matters, and to the
-- default partition all of them do.
CREATE OR REPLACE FUNCTION partdemo.mark(leaves oid[], parent oid) RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
        SELECT 'c' || c.oid || ' ' || c.xmin FROM pg_class AS c WHERE c.oid = ANY (leaves)
        UNION ALL
        SELECT 'a' || a.attrelid || ' ' || a.attnum || ' ' || a.xmin FROM pg_attribute AS a WHERE a.attrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 'd' || d.oid || ' ' || d.xmin FROM pg_attrdef AS d WHERE d.adrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 'k' || k.oid || ' ' || k.xmin FROM pg_constraint AS k
         WHERE k.conrelid = ANY (leaves || parent) OR k.confrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 'i' || i.indexrelid || ' ' || i.xmin FROM pg_index AS i WHERE i.indrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 't' || t.oid || ' ' || t.xmin FROM pg_trigger AS t WHERE t.tgrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 'p' || p.oid || ' ' || p.xmin FROM pg_policy AS p WHERE p.polrelid = ANY (leaves)
        UNION ALL
        SELECT 'f' || p.partdefid FROM pg_partitioned_table AS p WHERE p.partrelid = parent
        UNION ALL
        SELECT 'h' || i.inhrelid || ' ' || i.inhdetachpending FROM pg_inherits AS i WHERE i.inhparent = ANY (leaves)
        UNION ALL
        SELECT 's' || i.inhrelid FROM pg_partitioned_table AS p JOIN pg_inherits AS i ON i.inhparent = p.partrelid
         WHERE p.partrelid = parent AND p.partdefid = ANY (leaves)
    ) AS parts (line)
$$;

-- Make the function that says what hangs on partitions and can come or go without a change of their definition
-- Views, functions, statistics, publications, comments: what a swap carries over as it is, or must not lose. With the
-- transaction that wrote it, what can be replaced by another of its name. It is asked under the lock, of each partition,
-- so that comments on indexes and such are left to what is looked at before.
CREATE OR REPLACE FUNCTION partdemo.hangs(leaves oid[], parent oid) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(md5(string_agg(line, ',' ORDER BY line)), 'nothing') FROM (
        SELECT concat_ws(' ', 'd', d.classid, d.objid, r.xmin, v.xmin, x.xmin, p.xmin, s.xmin, q.xmin)
          FROM pg_depend AS d
          LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
          LEFT JOIN pg_class AS v ON v.oid = r.ev_class
          LEFT JOIN pg_statistic_ext AS x ON d.classid = 'pg_statistic_ext'::regclass AND x.oid = d.objid
          LEFT JOIN pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
          LEFT JOIN pg_sequence AS s ON d.classid = 'pg_class'::regclass AND s.seqrelid = d.objid
          LEFT JOIN pg_class AS q ON q.oid = s.seqrelid
         WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY (leaves || parent)
           AND (d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_statistic_ext'::regclass, 'pg_policy'::regclass)
                OR d.classid = 'pg_class'::regclass AND d.refobjid = parent)
        UNION ALL
        SELECT concat_ws(' ', 'b', b.oid, b.xmin) FROM pg_publication_rel AS b WHERE b.prrelid = ANY (leaves || parent)
        UNION ALL
        SELECT 'n' || n.oid FROM pg_publication_namespace AS n
        UNION ALL
        SELECT 'a' || b.oid FROM pg_publication AS b WHERE b.puballtables
        UNION ALL
        SELECT concat_ws(' ', 'c', o.objoid, o.objsubid, o.xmin)
          FROM pg_description AS o WHERE o.classoid = 'pg_class'::regclass AND o.objoid = ANY (leaves || parent)
    ) AS parts (line)
$$;

-- Make the function that ends a transaction in which something is not as it has to be
CREATE OR REPLACE FUNCTION partdemo.insist(holds boolean, code text, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = code, MESSAGE = reason;
    END IF;
END
$$;
