-- Lock event_logs and its default until the commit
-- This file gives April 2024 a partition of its own. CREATE TABLE ... PARTITION OF would fail, because April's
-- events are in the default partition (23514), so they move, and nobody may add one meanwhile.
-- ACCESS EXCLUSIVE on the parent: readers and writers wait here, and when they go on they see the new partition
-- and are routed by it. SHARE UPDATE EXCLUSIVE would be enough for ATTACH, and events of January to March would
-- go on; but an insert that had already been routed to the default partition would wait there, and then fail
-- with 23514. Always the parent before its partitions, as every insert does: another order can deadlock.
-- A REPEATABLE READ transaction that began before the copy sees none of April's rows after it: the copies are
-- younger than its snapshot.
LOCK TABLE ONLY event_logs, event_logs_default IN ACCESS EXCLUSIVE MODE;

-- Act as the owner of event_logs
-- What a superuser or a member of the owner's role makes here shall belong to the owner, like the rest.
-- Whoever may not act as the owner is stopped here (42501), before anything is done.
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'event_logs'::regclass;

-- Refuse to be shown a part of the rows only
-- If a policy hid rows from us, they would not be moved. With this setting such a query fails instead.
SET LOCAL row_security = off;

-- Use the tablespace of the default partition
-- A default_tablespace that the role or the database has got since would put new tables elsewhere.
SELECT set_config('default_tablespace',
                  COALESCE((SELECT spcname FROM pg_tablespace WHERE oid = reltablespace), ''), true) AS tablespace
FROM pg_class
WHERE oid = 'event_logs_default'::regclass;

-- Note April's rows: how many, and a hash over them
-- The hash is a sum, so neither order nor place matters. Compared at the end.
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)), true) AS before
FROM event_logs AS e
WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';

-- Create event_logs_2024_04, not yet a partition
-- LIKE copies columns and NOT NULL; the rest is said here. No indexes: they follow the rows.
CREATE TABLE event_logs_2024_04 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Copy April's rows into it
-- Read from event_logs, not from the default partition: a partition may have its columns in another order.
INSERT INTO event_logs_2024_04
SELECT * FROM event_logs
WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';

-- Detach the default partition for the moment
-- Attached, it would pass the DELETE on to the triggers and foreign keys of event_logs: ON DELETE CASCADE would
-- delete rows elsewhere, although no event goes away. If a foreign key refers to its rows, this fails (23503).
ALTER TABLE event_logs DETACH PARTITION event_logs_default;

-- Take April's rows out of the default partition
-- Their space is free for new rows once VACUUM has been there; autovacuum does it.
DELETE FROM event_logs_default
WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';

-- Index April by type
-- Over rows that are there this is a sort, faster than keeping an index up to date for each row. ATTACH finds
-- this index, sees that it matches idx_event_logs_event_type, and makes it a part of it.
CREATE INDEX idx_event_logs_2024_04_event_type ON event_logs_2024_04 (event_type);

-- Index April by user
CREATE INDEX idx_event_logs_2024_04_user_id ON event_logs_2024_04 (user_id);

-- State the bound as a CHECK
-- ATTACH scans a table to see that all rows are within the bound, unless a CHECK says so. Here it costs the same
-- scan; on a table that is filled beforehand, the check is made before the lock is taken, and that is its use.
ALTER TABLE event_logs_2024_04 ADD CONSTRAINT event_logs_2024_04_bound
    CHECK (created_at >= '2024-04-01' AND created_at < '2024-05-01');

-- Attach April, and build its primary key
-- ATTACH makes what the parent has and the new partition lacks: here the primary key. Declared beforehand, as one
-- does to keep the lock short, it would stay marked NO INHERIT, unlike those of the other partitions.
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent and ACCESS EXCLUSIVE on the new partition and on the default
-- one, if there is one. It also scans the default partition for rows of April; now there is none to scan.
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_04
    FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');

-- Drop the CHECK, which the bound now implies
ALTER TABLE event_logs_2024_04 DROP CONSTRAINT event_logs_2024_04_bound;

-- Attach the default partition again
-- Its indexes are taken up again under their names. It is scanned once: no row may belong elsewhere.
ALTER TABLE event_logs ATTACH PARTITION event_logs_default DEFAULT;

-- Set a mark before the test insert
SAVEPOINT test_insert;

-- Insert a test row into April
-- As an application does it: through the parent, with the id from the sequence.
INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('test', 0, '2024-04-30 23:59:59.999999');

-- See that it went to April
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM event_logs_2024_04 WHERE event_type = 'test' AND created_at = '2024-04-30 23:59:59.999999') THEN
        RAISE EXCEPTION 'the test row did not go to event_logs_2024_04';
    END IF;
END
$$;

-- Take the test row back
-- One id stays used: sequences do not roll back, else two sessions would have to wait for each other.
ROLLBACK TO SAVEPOINT test_insert;

-- Compare April's rows with what was noted
DO $$
DECLARE
    before text := current_setting('repartition.before');
    now text;
BEGIN
    SELECT format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)) INTO now
    FROM event_logs AS e
    WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';
    IF now <> before THEN
        RAISE EXCEPTION 'April had %, and now has %', before, now;
    END IF;
END
$$;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;

-- Show the partitions and their rows
SELECT tableoid::regclass AS partition, count(*) AS rows, min(created_at) AS first, max(created_at) AS last
FROM event_logs
GROUP BY tableoid
ORDER BY first;
