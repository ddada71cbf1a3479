-- Lock event_logs, February and the default until the commit
-- This file replaces the partition of February 2024 by four weekly ones. PostgreSQL up to 18 has no command for it:
-- the rows are copied into four new tables, and those take the old partition's place.
-- DETACH needs ACCESS EXCLUSIVE on the parent, on the partition and on the default one, so it is taken at once, the
-- parent first. Others wait for the whole copy, also those who want March; when they go on, they see the weeks.
-- One kind of transaction must not be running now: a REPEATABLE READ one that began before the copy and reads
-- February after it sees none of its rows, as the copies are younger than its snapshot.
-- Splitting a large partition in use means to copy before the lock, with the changes captured meanwhile.
LOCK TABLE ONLY event_logs, event_logs_2024_02, event_logs_default IN ACCESS EXCLUSIVE MODE;

-- Act as the owner of event_logs
-- What a superuser or a member of the owner's role makes here shall belong to the owner, like the rest.
-- Whoever may not act as the owner is stopped here (42501), before anything is done.
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'event_logs'::regclass;

-- Refuse to be shown a part of the rows only
-- If a policy hid rows from us, they would be lost. With this setting such a query fails instead.
SET LOCAL row_security = off;

-- Use the tablespace of February
-- A default_tablespace that the role or the database has got since would put new tables elsewhere.
SELECT set_config('default_tablespace',
                  COALESCE((SELECT spcname FROM pg_tablespace WHERE oid = reltablespace), ''), true) AS tablespace
FROM pg_class
WHERE oid = 'event_logs_2024_02'::regclass;

-- Note February's rows: how many, and a hash over them
-- The hash is a sum, so neither order nor place matters. Compared before the old partition is dropped.
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)), true) AS before
FROM event_logs AS e
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- Create week 1, 02-01 to 02-08, not yet a partition
-- LIKE copies columns and NOT NULL; the rest is said here. No indexes: they follow the rows.
CREATE TABLE event_logs_2024_02_week1 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Create week 2, 02-08 to 02-15, not yet a partition
CREATE TABLE event_logs_2024_02_week2 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Create week 3, 02-15 to 02-22, not yet a partition
CREATE TABLE event_logs_2024_02_week3 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Create week 4, 02-22 to 03-01, not yet a partition
-- The last week ends with the month: 2024 is a leap year, so it has eight days.
CREATE TABLE event_logs_2024_02_week4 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Copy the rows of week 1
-- Straight from the partition: a temporary table in between would write every row twice. It is read through
-- event_logs, because a partition may have its columns in another order.
INSERT INTO event_logs_2024_02_week1
SELECT * FROM event_logs WHERE created_at >= '2024-02-01' AND created_at < '2024-02-08';

-- Copy the rows of week 2
INSERT INTO event_logs_2024_02_week2
SELECT * FROM event_logs WHERE created_at >= '2024-02-08' AND created_at < '2024-02-15';

-- Copy the rows of week 3
INSERT INTO event_logs_2024_02_week3
SELECT * FROM event_logs WHERE created_at >= '2024-02-15' AND created_at < '2024-02-22';

-- Copy the rows of week 4
INSERT INTO event_logs_2024_02_week4
SELECT * FROM event_logs WHERE created_at >= '2024-02-22' AND created_at < '2024-03-01';

-- Index week 1 by type
-- Over rows that are there this is a sort, faster than keeping an index up to date for each row. ATTACH finds
-- this index, sees that it matches idx_event_logs_event_type, and makes it a part of it.
CREATE INDEX idx_event_logs_2024_02_week1_event_type ON event_logs_2024_02_week1 (event_type);

-- Index week 1 by user
CREATE INDEX idx_event_logs_2024_02_week1_user_id ON event_logs_2024_02_week1 (user_id);

-- State the bound of week 1 as a CHECK
-- ATTACH scans a table to see that all rows are within the bound, unless a CHECK says so.
ALTER TABLE event_logs_2024_02_week1 ADD CONSTRAINT event_logs_2024_02_week1_bound
    CHECK (created_at >= '2024-02-01' AND created_at < '2024-02-08');

-- Index week 2 by type
CREATE INDEX idx_event_logs_2024_02_week2_event_type ON event_logs_2024_02_week2 (event_type);

-- Index week 2 by user
CREATE INDEX idx_event_logs_2024_02_week2_user_id ON event_logs_2024_02_week2 (user_id);

-- State the bound of week 2 as a CHECK
ALTER TABLE event_logs_2024_02_week2 ADD CONSTRAINT event_logs_2024_02_week2_bound
    CHECK (created_at >= '2024-02-08' AND created_at < '2024-02-15');

-- Index week 3 by type
CREATE INDEX idx_event_logs_2024_02_week3_event_type ON event_logs_2024_02_week3 (event_type);

-- Index week 3 by user
CREATE INDEX idx_event_logs_2024_02_week3_user_id ON event_logs_2024_02_week3 (user_id);

-- State the bound of week 3 as a CHECK
ALTER TABLE event_logs_2024_02_week3 ADD CONSTRAINT event_logs_2024_02_week3_bound
    CHECK (created_at >= '2024-02-15' AND created_at < '2024-02-22');

-- Index week 4 by type
CREATE INDEX idx_event_logs_2024_02_week4_event_type ON event_logs_2024_02_week4 (event_type);

-- Index week 4 by user
CREATE INDEX idx_event_logs_2024_02_week4_user_id ON event_logs_2024_02_week4 (user_id);

-- State the bound of week 4 as a CHECK
ALTER TABLE event_logs_2024_02_week4 ADD CONSTRAINT event_logs_2024_02_week4_bound
    CHECK (created_at >= '2024-02-22' AND created_at < '2024-03-01');

-- State that the default partition has nothing of February
-- Each of the four ATTACHes would scan it for rows that belong to the new partition. This scans it once for all.
ALTER TABLE event_logs_default ADD CONSTRAINT event_logs_default_bound
    CHECK (created_at < '2024-02-01' OR created_at >= '2024-03-01');

-- Detach February
-- It is a plain table now, with its rows, and stays so until the weeks are known to be right. If a foreign key
-- refers to its rows, this fails (23503).
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02;

-- Attach week 1, and build its primary key
-- ATTACH makes what the parent has and the new partition lacks: here the primary key. Declared beforehand, as one
-- does to keep the lock short, it would stay marked NO INHERIT, unlike those of the other partitions.
-- FROM is inclusive, TO is exclusive. ATTACH takes SHARE UPDATE EXCLUSIVE on the parent and ACCESS EXCLUSIVE on
-- the new partition and the default one. No scan: `SET client_min_messages = debug1` shows that the CHECKs imply it.
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02_week1
    FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');

-- Drop the CHECK of week 1, which the bound now implies
ALTER TABLE event_logs_2024_02_week1 DROP CONSTRAINT event_logs_2024_02_week1_bound;

-- Attach week 2, and build its primary key
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02_week2
    FOR VALUES FROM ('2024-02-08') TO ('2024-02-15');

-- Drop the CHECK of week 2, which the bound now implies
ALTER TABLE event_logs_2024_02_week2 DROP CONSTRAINT event_logs_2024_02_week2_bound;

-- Attach week 3, and build its primary key
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02_week3
    FOR VALUES FROM ('2024-02-15') TO ('2024-02-22');

-- Drop the CHECK of week 3, which the bound now implies
ALTER TABLE event_logs_2024_02_week3 DROP CONSTRAINT event_logs_2024_02_week3_bound;

-- Attach week 4, and build its primary key
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02_week4
    FOR VALUES FROM ('2024-02-22') TO ('2024-03-01');

-- Drop the CHECK of week 4, which the bound now implies
ALTER TABLE event_logs_2024_02_week4 DROP CONSTRAINT event_logs_2024_02_week4_bound;

-- Drop the CHECK of the default partition
ALTER TABLE event_logs_default DROP CONSTRAINT event_logs_default_bound;

-- Compare February's rows with what was noted
-- An exception rolls the whole file back, and the old partition is there as before.
DO $$
DECLARE
    before text := current_setting('repartition.before');
    now text;
BEGIN
    SELECT format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)) INTO now
    FROM event_logs AS e
    WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';
    IF now <> before THEN
        RAISE EXCEPTION 'February had %, and now has %', before, now;
    END IF;
END
$$;

-- Give the weeks the privileges of February
-- Who may read February by its name may read its weeks. Who only goes through event_logs needs none of these.
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
        WHERE t.oid = ANY ('{event_logs_2024_02_week1, event_logs_2024_02_week2, event_logs_2024_02_week3,
                           event_logs_2024_02_week4}'::regclass[])
            AND a.grantee <> t.relowner
    LOOP
        EXECUTE command;
    END LOOP;
    FOR command IN
        SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, t.oid::regclass,
                      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                      CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
        FROM pg_class AS t, pg_class AS old
        CROSS JOIN aclexplode(old.relacl) WITH ORDINALITY AS a
        WHERE t.oid = ANY ('{event_logs_2024_02_week1, event_logs_2024_02_week2, event_logs_2024_02_week3,
                           event_logs_2024_02_week4}'::regclass[])
            AND old.oid = 'event_logs_2024_02'::regclass AND a.grantee <> old.relowner
        ORDER BY a.ordinality
    LOOP
        EXECUTE command;
    END LOOP;
END
$$;

-- Drop the old partition
-- Without CASCADE: a view of somebody else on it stops this (2BP01). An index or a comment that only this
-- partition has goes with it; the scenario split looks for those first and refuses.
DROP TABLE event_logs_2024_02;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;

-- Show the partitions and their rows
SELECT tableoid::regclass AS partition, count(*) AS rows, min(created_at) AS first, max(created_at) AS last
FROM event_logs
GROUP BY tableoid
ORDER BY first;
