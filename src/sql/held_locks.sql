-- The locks that this session has on the tables whose OIDs are in the array $1.
SELECT DISTINCT l.mode, c.relname AS target
  FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.granted AND l.relation = ANY ($1::oid[]);
