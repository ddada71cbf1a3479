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

-- Make the function that says what hangs on partitions and can come or go without a lock on their definition
-- Views, comments, statistics, publications: what a swap carries over as it is, or must not lose. Sequences, whose
-- settings can change, and rules, which stand for the views that they are in, with the transaction that wrote them.
CREATE OR REPLACE FUNCTION partdemo.hangs(leaves oid[], parent oid) RETURNS text LANGUAGE sql AS $$
    WITH own AS (
        SELECT oid, relnamespace FROM pg_class WHERE oid = ANY (leaves || parent)
    ), parts (class, oid) AS (
        SELECT 'pg_class'::regclass, oid FROM own
        UNION ALL
        SELECT 'pg_class'::regclass, i.indexrelid FROM own JOIN pg_index AS i ON i.indrelid = own.oid
        UNION ALL
        SELECT 'pg_constraint'::regclass, k.oid FROM own JOIN pg_constraint AS k ON k.conrelid = own.oid
        UNION ALL
        SELECT 'pg_trigger'::regclass, t.oid FROM own JOIN pg_trigger AS t ON t.tgrelid = own.oid
        UNION ALL
        SELECT 'pg_statistic_ext'::regclass, s.oid FROM own JOIN pg_statistic_ext AS s ON s.stxrelid = own.oid
        UNION ALL
        SELECT 'pg_policy'::regclass, p.oid FROM own JOIN pg_policy AS p ON p.polrelid = own.oid
    ), depends AS (
        SELECT d.classid, d.objid FROM own JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = own.oid
    )
    SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
        SELECT 'd' || d.classid || ' ' || d.objid FROM depends AS d
        UNION ALL
        SELECT 'r' || r.oid || ' ' || r.xmin || ' ' || c.xmin FROM depends AS d
          JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid JOIN pg_class AS c ON c.oid = r.ev_class
        UNION ALL
        SELECT 's' || s.seqrelid || ' ' || s.xmin || ' ' || c.xmin FROM depends AS d
          JOIN pg_sequence AS s ON d.classid = 'pg_class'::regclass AND s.seqrelid = d.objid JOIN pg_class AS c ON c.oid = s.seqrelid
        UNION ALL
        SELECT 'x' || s.oid || ' ' || s.xmin FROM own JOIN pg_statistic_ext AS s ON s.stxrelid = own.oid
        UNION ALL
        SELECT 'p' || p.oid || ' ' || p.xmin FROM own JOIN pg_policy AS p ON p.polrelid = own.oid
        UNION ALL
        SELECT 'b' || b.oid || ' ' || b.xmin FROM own JOIN pg_publication_rel AS b ON b.prrelid = own.oid
        UNION ALL
        SELECT 'n' || b.oid FROM own JOIN pg_publication_namespace AS b ON b.pnnspid = own.relnamespace
        UNION ALL
        SELECT 'a' || b.oid FROM pg_publication AS b WHERE b.puballtables
        UNION ALL
        SELECT 'c' || o.class || ' ' || o.oid || ' ' || o.objsubid || ' ' || o.xmin
          FROM (SELECT parts.class, parts.oid, o.objsubid, o.xmin FROM parts
                  JOIN pg_description AS o ON o.classoid = parts.class AND o.objoid = parts.oid) AS o
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
