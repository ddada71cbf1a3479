-- The standbys that this server streams to: how far it has written and each has replayed, in bytes of WAL since
-- its beginning, and replay_lag in seconds, NULL when the server has none to tell.
-- A role without pg_monitor or pg_read_all_stats sees that there are some, and else NULLs. Not a standby: a base
-- backup (another state), pg_receivewal (replays nothing), a logical subscriber (its slot says so; it confirms when
-- it likes).
SELECT s.state IS NULL AS hidden,
       coalesce(nullif(s.application_name, ''), s.client_addr::text, 'pid ' || s.pid) AS name,
       pg_wal_lsn_diff(s.replay_lsn, '0/0')::bigint AS replayed,
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS written,
       extract(epoch FROM s.replay_lag)::double precision AS replay_lag
  FROM pg_stat_replication AS s
  LEFT JOIN pg_replication_slots AS r ON r.active_pid = s.pid
 WHERE s.state IS NULL
    OR s.state IN ('streaming', 'catchup') AND s.replay_lsn IS NOT NULL AND r.slot_type IS DISTINCT FROM 'logical';
