-- Lock event_logs, April and the default until the commit
-- This file undoes 10_add_new_partition.sql: April's rows go back to the default partition.
LOCK TABLE ONLY event_logs, event_logs_2024_04, event_logs_default IN ACCESS EXCLUSIVE MODE;

-- Act as the owner of event_logs
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'event_logs'::regclass;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Note April's rows: how many, and a hash over them
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hashtextextended(e::text, 0)::numeric)), true) AS before
FROM event_logs AS e
WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';

-- Detach April
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_04;

-- Detach the default partition for the moment
-- Attached, it would pass the INSERT on to the triggers of event_logs, although no event is new.
ALTER TABLE event_logs DETACH PARTITION event_logs_default;

-- Copy April's rows to the default partition
INSERT INTO event_logs_default
SELECT * FROM event_logs_2024_04;

-- Attach the default partition again
ALTER TABLE event_logs ATTACH PARTITION event_logs_default DEFAULT;

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

-- Drop the table of April
DROP TABLE event_logs_2024_04;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;
