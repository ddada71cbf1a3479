-- The session that holds partdemo's advisory lock on this database.
SELECT l.pid, a.application_name AS application, a.usename AS "user",
       to_char(a.backend_start, 'HH24:MI:SS') AS since
  FROM pg_locks AS l
  LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.classid = hashtext('partdemo')::bit(32)::bigint
   AND l.objid = hashtext(current_database())::bit(32)::bigint;
