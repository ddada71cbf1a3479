-- Drop the table of runs: there is none any more
DROP TABLE partdemo.runs;

-- End a writer that measures for a partdemo which was killed: it may wait for a standby for ever
-- Runs of partdemo on one database keep each other away, so nobody else has one.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'partdemo probe'
  AND usename = session_user AND pg_has_role(usesysid, 'USAGE');

-- Drop its table
DROP TABLE IF EXISTS partdemo.probe;

-- Drop its functions
DROP FUNCTION partdemo.mark(oid[], oid);

DROP FUNCTION IF EXISTS partdemo.hangs(oid[], oid);

DROP FUNCTION partdemo.insist(boolean, text, text);
