-- What the session with pid $1 waits for, and the sessions in its way; no row while it waits for no lock. A prepared
-- transaction has no session: pid 0. Without pg_read_all_stats the state, times and query of another role's
-- session are not told.
SELECT w.mode, w.target, b.pid, a.backend_type, a.application_name AS application, a.usename AS "user", a.state,
       extract(epoch FROM clock_timestamp() - coalesce(a.state_change, p.prepared))::float8 AS seconds,
       a.query, p.gid
  FROM (SELECT l.*, upper(regexp_replace(regexp_replace(l.mode, 'Lock$', ''), '([a-z])([A-Z])', '\1 \2', 'g')) AS words,
               row_number() OVER (ORDER BY l.relation NULLS LAST) AS place
          FROM pg_locks AS l WHERE l.pid = $1 AND NOT l.granted) AS l
 CROSS JOIN LATERAL (
       SELECT l.words AS mode,
              CASE l.locktype
                WHEN 'relation' THEN l.relation::regclass::text
                WHEN 'tuple' THEN 'a row of ' || l.relation::regclass
                WHEN 'transactionid' THEN 'the end of a transaction'
                WHEN 'virtualxid' THEN 'the end of a transaction'
                WHEN 'object' THEN 'an object of ' || l.classid::regclass
                ELSE 'a lock of the type ' || l.locktype END AS target) AS w
 CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids($1)) AS pid) AS b
  LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
  LEFT JOIN pg_locks AS h ON b.pid = 0 AND h.pid IS NULL AND h.granted
       AND h.relation IS NOT DISTINCT FROM l.relation AND h.transactionid IS NOT DISTINCT FROM l.transactionid
  LEFT JOIN pg_locks AS x ON b.pid = 0 AND x.pid IS NULL AND x.locktype = 'transactionid'
       AND x.virtualtransaction = h.virtualtransaction
  LEFT JOIN pg_prepared_xacts AS p ON p.transaction = x.transactionid
 WHERE l.place = 1
 ORDER BY a.state_change NULLS LAST, b.pid;
