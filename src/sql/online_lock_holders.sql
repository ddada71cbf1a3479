-- Who holds a lock on one of the tables with the OIDs $1 that an ACCESS EXCLUSIVE request waits for, longest first.
SELECT DISTINCT ON (a.xact_start, a.pid) a.pid, a.usename::text AS role,
       coalesce(nullif(a.application_name, ''), a.backend_type) AS application, a.state,
       to_char(clock_timestamp() - a.xact_start, 'HH24:MI:SS') AS since
  FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY ($1::oid[]) AND l.pid <> pg_backend_pid()
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY a.xact_start, a.pid
 LIMIT 3;
