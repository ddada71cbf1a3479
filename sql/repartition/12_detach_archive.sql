-- Lock event_logs, January and the default until the commit
-- This file moves January 2024 out of event_logs into an archive table, and drops the partition.
-- DETACH needs ACCESS EXCLUSIVE on all three, taken at once and the parent first. It is held for the copy; on a
-- table in use one detaches first, in an instant, and archives the detached table at leisure. DETACH ...
-- CONCURRENTLY, which hardly blocks anybody, is refused here: event_logs has a default partition (55000).
LOCK TABLE ONLY event_logs, event_logs_2024_01, event_logs_default IN ACCESS EXCLUSIVE MODE;

-- Act as the owner of event_logs
-- What a superuser or a member of the owner's role makes here shall belong to the owner, like the rest.
-- Whoever may not act as the owner is stopped here (42501), before anything is done.
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'event_logs'::regclass;

-- Refuse to be shown a part of the rows only
-- If a policy hid rows from us, they would be lost. With this setting such a query fails instead.
SET LOCAL row_security = off;

-- Create event_logs_archive, a plain table
-- It has the columns of event_logs and two about the archiving. No default for id: the archive takes no new ids, and
-- would else depend on the sequence. If it is there already, January is added to it.
CREATE TABLE IF NOT EXISTS event_logs_archive (
    LIKE event_logs INCLUDING STORAGE INCLUDING COMPRESSION,
    archived_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    archive_reason TEXT NOT NULL,
    PRIMARY KEY (id, created_at)
);

-- Describe the archive
COMMENT ON TABLE event_logs_archive IS 'Events of partitions that were detached from event_logs';

-- Copy January's rows to the archive
-- Read through event_logs, because a partition may have its columns in another order. A row that is in the archive
-- already is left as it is there; whether it is the same row is seen next.
INSERT INTO event_logs_archive
SELECT e.*, CURRENT_TIMESTAMP, 'January 2024 detached from event_logs'
FROM event_logs AS e
WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01'
ON CONFLICT (id, created_at) DO NOTHING;

-- Compare the archive with January, row by row
-- January is still there. Each of its rows must be in the archive with the same values: not the count alone. An
-- exception rolls the whole file back. The archive's row as text begins with January's: it has two columns more.
DO $$
DECLARE
    missing bigint;
BEGIN
    SELECT count(*) INTO missing
    FROM event_logs AS e
    LEFT JOIN event_logs_archive AS a ON a.id = e.id AND a.created_at = e.created_at
    WHERE e.created_at >= '2024-01-01' AND e.created_at < '2024-02-01'
        AND (a.id IS NULL OR NOT starts_with(a::text, left(e::text, -1) || ','));
    IF missing > 0 THEN
        RAISE EXCEPTION '% rows of January are not in event_logs_archive as they are in event_logs', missing;
    END IF;
END
$$;

-- Detach January
-- If a foreign key refers to its rows, this fails (23503). Events of January that arrive later go to the default
-- partition from now on.
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_01;

-- Drop the detached table
-- Detach, then drop: a DROP of an attached partition takes the same locks and cannot be looked at in between.
-- Without CASCADE: a view of somebody else on it stops this (2BP01). An index, a privilege or a comment that
-- only this partition has goes with it; the scenario detach looks for those first and refuses.
DROP TABLE event_logs_2024_01;

-- Gather statistics for event_logs and its partitions
ANALYZE event_logs;

-- Gather statistics for the archive
ANALYZE event_logs_archive;

-- Show what the archive has
SELECT archive_reason, archived_at, count(*) AS rows, min(created_at) AS first, max(created_at) AS last
FROM event_logs_archive
GROUP BY archive_reason, archived_at
ORDER BY archived_at;
