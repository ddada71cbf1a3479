-- Lock event_logs, default and January until the commit
-- This file undoes a finished online/detach of January 2024, whose rows are in a table of their own still. Those that
-- arrived later are in the default partition, and come over.
LOCK TABLE ONLY event_logs, event_logs_default, event_logs_2024_01 IN ACCESS EXCLUSIVE MODE;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Note the rows of both: how many, and a hash over them
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hash)), true) AS before
FROM (
    SELECT hashtextextended(e::text, 0)::numeric AS hash
    FROM event_logs AS e
    WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01'
    UNION ALL
    SELECT hashtextextended(j::text, 0)::numeric
    FROM event_logs_2024_01 AS j
) AS january;

-- Copy the rows that arrived later
-- It fails if somebody altered one of the two tables since.
INSERT INTO event_logs_2024_01
SELECT * FROM event_logs WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- Detach the default partition for the moment
-- Attached, it would pass the DELETE on to the triggers and foreign keys of event_logs.
ALTER TABLE event_logs DETACH PARTITION event_logs_default;

-- Take January's rows out of the default partition
DELETE FROM event_logs_default WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- Attach January
-- It scans January, and fails (23514) if somebody wrote rows of another month to it.
ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_01
    FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');

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
        RAISE EXCEPTION 'the two tables had %, and January now has %', before, now;
    END IF;
END
$$;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;
