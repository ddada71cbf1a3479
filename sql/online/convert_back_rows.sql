-- See that whoever reads later will see the rows that are moved
-- A session with an older snapshot would find the old table in their place, and not them in it. Of other roles'
-- sessions only the snapshot is seen without pg_read_all_stats.
SELECT partdemo.insist(count(*) = 0, 'PD002', 'a session holds an older snapshot')
FROM pg_stat_activity AS a
WHERE EXISTS (SELECT FROM :final)
  AND a.backend_xmin IS NOT NULL AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND (a.state = 'idle in transaction'
       OR coalesce(a.xact_start < a.query_start, true) AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
          AND NOT EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND NOT l.granted));

-- Move the rows of the other partitions into it
SET CONSTRAINTS ALL IMMEDIATE;

INSERT INTO :hist (:columns) OVERRIDING SYSTEM VALUE SELECT :columns FROM :final;
