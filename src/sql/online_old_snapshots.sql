-- Sessions that may have a snapshot from before transaction $1, which began at $2: rows that were copied until
-- then are invisible to them, and the partition that they could read instead is gone after the swap. xmin alone
-- would name everybody while any transaction that writes stays open. A standby with hot_standby_feedback counts as a
-- session, or as its slot. Of other roles' sessions only xmin is seen without pg_read_all_stats; that is enough.
SELECT a.pid, a.usename::text AS role, coalesce(nullif(a.application_name, ''), a.backend_type) AS application,
       a.state, to_char(clock_timestamp() - a.xact_start, 'HH24:MI:SS') AS since
  FROM pg_stat_activity AS a
 WHERE a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
   AND (a.datname = current_database() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
        OR a.backend_type = 'walsender')
   AND age(a.backend_xmin) >= age($1::xid8::xid) AND coalesce(a.xact_start < $2::timestamptz, true)
UNION ALL
SELECT s.active_pid, NULL, 'the replication slot ' || s.slot_name, CASE WHEN s.active THEN 'active' ELSE 'inactive' END, NULL
  FROM pg_replication_slots AS s
 WHERE s.xmin IS NOT NULL AND age(s.xmin) >= age($1::xid8::xid)
 ORDER BY since DESC NULLS LAST
 LIMIT 5;
