-- Lock all three tables until the commit
-- This file undoes a finished online/detach of one of the setup's partitions, whose rows are in a table of their own
-- still. Those that arrived later are in the default partition, and come over. In psql:
--   psql -v ON_ERROR_STOP=1 -1 -v table=event_logs -v default=event_logs_default -v partition=event_logs_2024_03
--     -v "bound=FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"
--     -v "rows=created_at >= '2024-03-01' AND created_at < '2024-04-01'"
--     -v "columns=id, event_type, user_id, event_data, ip_address, created_at" -f 14_attach_partition.sql
-- The columns are named, because the partition may have them in another order than the table.
LOCK TABLE ONLY :"table", :"default", :"partition" IN ACCESS EXCLUSIVE MODE;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Note the rows of both: how many, and a hash over them
SELECT set_config('repartition.before', format('%s rows, hash %s', count(*), sum(hash)), true) AS before
FROM (
    SELECT hashtextextended(t::text, 0)::numeric AS hash FROM (SELECT :columns FROM :"table" WHERE :rows) AS t
    UNION ALL
    SELECT hashtextextended(p::text, 0)::numeric FROM (SELECT :columns FROM :"partition") AS p
) AS both_tables;

-- Copy the rows that arrived later
-- It fails if somebody altered one of the two tables since.
INSERT INTO :"partition" (:columns) SELECT :columns FROM :"table" WHERE :rows;

-- Detach the default partition for the moment
-- Attached, it would pass the DELETE on to the triggers and foreign keys of the table.
ALTER TABLE :"table" DETACH PARTITION :"default";

-- Take the rows out of the default partition
DELETE FROM :"default" WHERE :rows;

-- Attach the partition
-- It scans the partition, and fails (23514) if somebody wrote rows that are not of its bound to it.
ALTER TABLE :"table" ATTACH PARTITION :"partition" :bound;

-- Attach the default partition again
ALTER TABLE :"table" ATTACH PARTITION :"default" DEFAULT;

-- Note the rows of the partition
SELECT set_config('repartition.after', format('%s rows, hash %s', count(*), sum(hash)), true) AS after
FROM (SELECT hashtextextended(t::text, 0)::numeric AS hash FROM (SELECT :columns FROM :"table" WHERE :rows) AS t) AS attached;

-- Compare them with what was noted
DO $$
DECLARE
    before text := current_setting('repartition.before');
    now text := current_setting('repartition.after');
BEGIN
    IF now <> before THEN
        RAISE EXCEPTION 'the two tables had %, and the partition now has %', before, now;
    END IF;
END
$$;

-- Gather statistics for the table and its partitions
ANALYZE :"table";
