-- Lock event_logs, default and archive until the commit
-- This file undoes 12_detach_archive.sql: January 2024 becomes a partition again, of the rows in the archive and of
-- those that arrived later and went to the default partition.
-- The default partition gives rows away, as in 10_add_new_partition.sql, with the same locks for the same reasons.
LOCK TABLE ONLY event_logs, event_logs_default, event_logs_archive IN ACCESS EXCLUSIVE MODE;

-- Act as the owner of event_logs
-- What is made here shall belong to the owner, whoever makes it.
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'event_logs'::regclass;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Use the tablespace of March
-- A default_tablespace that the role or the database has got since would put new tables elsewhere.
SELECT set_config('default_tablespace',
                  COALESCE((SELECT spcname FROM pg_tablespace WHERE oid = reltablespace), ''), true) AS tablespace
FROM pg_class
WHERE oid = 'event_logs_2024_03'::regclass;

-- Refuse if somebody added something to the archive
-- Indexes, triggers, constraints, comments and privileges would go with it and without a word. Privileges that
-- event_logs gives too are no loss.
DO $$
DECLARE
    added text;
BEGIN
    WITH t AS (
        SELECT c.oid, c.relacl, c.relowner FROM pg_class AS c WHERE c.oid = 'event_logs_archive'::regclass
    )
    SELECT string_agg(what, ', ' ORDER BY what) INTO added
    FROM (
        SELECT 'index ' || i.indexrelid::regclass AS what
        FROM t
        JOIN pg_index AS i ON i.indrelid = t.oid
        JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE NOT c.relispartition AND c.relname NOT IN ('event_logs_archive_pkey')
        UNION ALL
        SELECT format('trigger %I on %s', g.tgname, t.oid::regclass)
        FROM t JOIN pg_trigger AS g ON g.tgrelid = t.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT format('constraint %I on %s', k.conname, t.oid::regclass)
        FROM t JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype IN ('c', 'f')
            AND k.conislocal AND k.coninhcount = 0
        UNION ALL
        SELECT format('comment on %s', pg_describe_object(d.classoid, d.objoid, d.objsubid))
        FROM t
        JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = t.oid
        WHERE d.objsubid > 0 OR t.oid <> 'event_logs_archive'::regclass
        UNION ALL
        SELECT DISTINCT format('privileges of %s on %s',
                               CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, t.oid::regclass)
        FROM t
        CROSS JOIN aclexplode(t.relacl) AS a
        WHERE a.grantee <> t.relowner
            AND NOT EXISTS (
                SELECT FROM pg_class AS o CROSS JOIN aclexplode(o.relacl) AS b
                WHERE o.oid = 'event_logs'::regclass AND b.grantee = a.grantee AND b.privilege_type = a.privilege_type
            )
            AND NOT EXISTS (SELECT FROM pg_default_acl AS f WHERE f.defaclrole = t.relowner AND f.defaclobjtype = 'r')
    ) AS all_added;
    IF added IS NOT NULL THEN
        RAISE EXCEPTION 'event_logs_archive has something that was added to it and would be lost: %', added
            USING HINT = 'Note what is to be kept, remove it, and run it again.';
    END IF;
END
$$;

-- Take the two columns about the archiving off the archive
-- It has the columns of event_logs then, also those that event_logs was given before the detach. An archive of
-- online/detach has no others.
ALTER TABLE event_logs_archive DROP COLUMN IF EXISTS archived_at, DROP COLUMN IF EXISTS archive_reason;

-- Note the rows of both: how many, and a hash over them
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hash)), true) AS before
FROM (
    SELECT hashtextextended(e::text, 0)::numeric AS hash
    FROM event_logs AS e
    WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01'
    UNION ALL
    SELECT hashtextextended(a::text, 0)::numeric
    FROM event_logs_archive AS a
) AS january;

-- Create event_logs_2024_01, not yet a partition
CREATE TABLE event_logs_2024_01 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Copy the rows that arrived later
INSERT INTO event_logs_2024_01
SELECT * FROM event_logs WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- Copy the rows of the archive
INSERT INTO event_logs_2024_01
SELECT * FROM event_logs_archive;

-- Detach the default partition for the moment
-- Attached, it would pass the DELETE on to the triggers and foreign keys of event_logs.
ALTER TABLE event_logs DETACH PARTITION event_logs_default;

-- Take January's rows out of the default partition
DELETE FROM event_logs_default WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- Index January by type
CREATE INDEX idx_event_logs_2024_01_event_type ON event_logs_2024_01 (event_type);

-- Index January by user
CREATE INDEX idx_event_logs_2024_01_user_id ON event_logs_2024_01 (user_id);

-- State the bound of January as a CHECK
-- It fails (23514) if the archive has rows of another month, which somebody else put there.
ALTER TABLE event_logs_2024_01 ADD CONSTRAINT event_logs_2024_01_bound
    CHECK (created_at >= '2024-01-01' AND created_at < '2024-02-01');

-- Attach January, and build its primary key
-- It fails (23505) if a row was brought back from the archive by hand: then it is in both.
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_01
    FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');

-- Drop the CHECK of January, which the bound now implies
ALTER TABLE event_logs_2024_01 DROP CONSTRAINT event_logs_2024_01_bound;

-- Attach the default partition again
ALTER TABLE event_logs ATTACH PARTITION event_logs_default DEFAULT;

-- Compare January's rows with what was noted
DO $$
DECLARE
    before text := current_setting('repartition.before');
    now text;
BEGIN
    SELECT format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)) INTO now
    FROM event_logs AS e
    WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';
    IF now <> before THEN
        RAISE EXCEPTION 'the archive and January had %, and January now has %', before, now;
    END IF;
END
$$;

-- Give January the privileges of March
-- Those that it had are gone with it; its neighbour was never touched. The scenario detach makes sure that both
-- have the same.
-- First the new one loses what default privileges gave it. REVOKE and GRANT are in the order of the catalog's list.
-- The privileges of columns are not carried over.
DO $$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT DISTINCT format('REVOKE ALL ON %s FROM %s', t.oid::regclass,
                               CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
        FROM pg_class AS t
        CROSS JOIN aclexplode(t.relacl) AS a
        WHERE t.oid = ANY ('{event_logs_2024_01}'::regclass[]) AND a.grantee <> t.relowner
    LOOP
        EXECUTE command;
    END LOOP;
    FOR command IN
        SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, t.oid::regclass,
                      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                      CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
        FROM pg_class AS t, pg_class AS old
        CROSS JOIN aclexplode(old.relacl) WITH ORDINALITY AS a
        WHERE t.oid = ANY ('{event_logs_2024_01}'::regclass[])
            AND old.oid = 'event_logs_2024_03'::regclass AND a.grantee <> old.relowner
        ORDER BY a.ordinality
    LOOP
        EXECUTE command;
    END LOOP;
END
$$;

-- Drop the archive
DROP TABLE event_logs_archive;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;
