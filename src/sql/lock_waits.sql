-- Who waits for whom, in this database: sessions that wait for a lock on one of the tables $1 (an
-- array of OIDs) or for the end of a transaction, and sessions of the load that wait for any lock; the sessions that they wait for; and the locks that
-- session $2 has on these tables. Reads the lock table and the catalog
-- alone: a query that locked the tables would wait with those that it reports on. Of a session that
-- the role may not see, application and query are absent.
WITH locks AS MATERIALIZED (
  SELECT pid, locktype, mode, granted, relation, waitstart
    FROM pg_locks WHERE NOT granted OR (pid = $2::int AND locktype = 'relation')
), waits AS MATERIALIZED (
  SELECT l.pid, l.mode, coalesce(c.relname, l.locktype) AS target, a.application_name, a.query,
         extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, clock_timestamp()))::float8
           AS waited,
         pg_blocking_pids(l.pid) AS blockers
    FROM locks AS l
    LEFT JOIN pg_class AS c ON c.oid = l.relation
    CROSS JOIN LATERAL pg_stat_get_activity(l.pid) AS a
   WHERE NOT l.granted
     AND (l.relation = ANY ($1::oid[]) OR l.locktype IN ('transactionid', 'virtualxid')
          OR a.application_name = 'partdemo load')
     AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT 'wait' AS kind, pid, mode, target, application_name AS application,
       left(query, 200) AS query, waited, array_to_string(blockers, ' ') AS blockers
  FROM waits
UNION ALL
SELECT 'holder', b.pid, NULL, a.state, a.application_name, left(a.query, 200), NULL, NULL
  FROM (SELECT DISTINCT unnest(blockers) AS pid FROM waits) AS b
  LEFT JOIN LATERAL pg_stat_get_activity(b.pid) AS a ON true
UNION ALL
SELECT 'held', l.pid, l.mode, c.relname, NULL, NULL, NULL, NULL
  FROM locks AS l JOIN pg_class AS c ON c.oid = l.relation
 WHERE l.granted AND l.pid = $2::int AND l.relation = ANY ($1::oid[]);
