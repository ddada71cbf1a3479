-- The relations that this session has locked by now, as a JSON array of OIDs.
SELECT coalesce(json_agg(DISTINCT l.relation::bigint), '[]')::text AS oids
  FROM pg_locks AS l
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
   AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database());
