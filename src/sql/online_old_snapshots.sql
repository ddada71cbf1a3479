-- Sessions that may have a snapshot from before transaction $1, which began at $2: rows that were copied until
-- then are invisible to them, and the partition that they could read instead is gone after the swap. xmin alone
-- would name everybody while any transaction that writes stays open. A standby with hot_standby_feedback
-- counts as a session.
SELECT a.pid, a.usename::text AS role, coalesce(nullif(a.application_name, ''), a.backend_type) AS application,
       a.state, to_char(clock_timestamp() - a.xact_start, 'HH24:MI:SS') AS since
  FROM pg_stat_activity AS a
 WHERE a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
   AND (a.datname = current_database() AND a.backend_type <> 'autovacuum worker' OR a.backend_type = 'walsender')
   AND age(a.backend_xmin) >= age($1::text::xid) AND coalesce(a.xact_start < $2::timestamptz, true)
 ORDER BY a.xact_start
 LIMIT 5;
