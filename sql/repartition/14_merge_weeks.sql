-- Lock event_logs, the weeks and the default until the commit
-- This file undoes 11_split_partition.sql: the four weekly partitions become that of February 2024 again.
-- A merge is a split backwards, with the same locks for the same reasons.
LOCK TABLE ONLY event_logs, event_logs_2024_02_week1, event_logs_2024_02_week2, event_logs_2024_02_week3,
    event_logs_2024_02_week4, event_logs_default IN ACCESS EXCLUSIVE MODE;

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

-- Note February's rows: how many, and a hash over them
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)), true) AS before
FROM event_logs AS e
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- Create event_logs_2024_02, not yet a partition
CREATE TABLE event_logs_2024_02 (
    LIKE event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION
);

-- Copy the rows of all four weeks
-- Also those that were inserted since the split.
INSERT INTO event_logs_2024_02
SELECT * FROM event_logs WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- Index February by type
CREATE INDEX idx_event_logs_2024_02_event_type ON event_logs_2024_02 (event_type);

-- Index February by user
CREATE INDEX idx_event_logs_2024_02_user_id ON event_logs_2024_02 (user_id);

-- State the bound of February as a CHECK
ALTER TABLE event_logs_2024_02 ADD CONSTRAINT event_logs_2024_02_bound
    CHECK (created_at >= '2024-02-01' AND created_at < '2024-03-01');

-- Detach week 1
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02_week1;

-- Detach week 2
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02_week2;

-- Detach week 3
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02_week3;

-- Detach week 4
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02_week4;

-- Attach February, and build its primary key
-- One ATTACH, so one scan of the default partition for rows of February.
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02
    FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');

-- Drop the CHECK of February, which the bound now implies
ALTER TABLE event_logs_2024_02 DROP CONSTRAINT event_logs_2024_02_bound;

-- Compare February's rows with what was noted
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

-- Give February the privileges of week 1
-- Those of the four weeks are the same: the scenario cleanup makes sure of it.
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
        WHERE t.oid = ANY ('{event_logs_2024_02}'::regclass[]) AND a.grantee <> t.relowner
    LOOP
        EXECUTE command;
    END LOOP;
    FOR command IN
        SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, t.oid::regclass,
                      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                      CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
        FROM pg_class AS t, pg_class AS old
        CROSS JOIN aclexplode(old.relacl) WITH ORDINALITY AS a
        WHERE t.oid = ANY ('{event_logs_2024_02}'::regclass[])
            AND old.oid = 'event_logs_2024_02_week1'::regclass AND a.grantee <> old.relowner
        ORDER BY a.ordinality
    LOOP
        EXECUTE command;
    END LOOP;
END
$$;

-- Drop the four weeks
DROP TABLE event_logs_2024_02_week1, event_logs_2024_02_week2, event_logs_2024_02_week3, event_logs_2024_02_week4;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;
