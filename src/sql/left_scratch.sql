-- The scratch databases of `partdemo test` on this server. They are named after the backend of the run that made them:
-- orphaned when there is no such backend any more.
SELECT d.datname::text AS name,
       NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid::text = split_part(d.datname, '_', 3)) AS orphaned
  FROM pg_database AS d
 WHERE d.datname ~ '^partdemo_test_[0-9]+_[0-9]+$'
 ORDER BY 1;
