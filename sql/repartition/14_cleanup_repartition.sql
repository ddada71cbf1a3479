-- Looks which of the re-partitioning files have been run
-- This file restores the state after the setup, for psql: psql -v ON_ERROR_STOP=1 -1 -f 14_cleanup_repartition.sql
-- It runs the files of this folder that undo what is there; `partdemo run cleanup` runs the same ones, each in a
-- transaction of its own. No row is lost: also those that were loaded since stay, with their ids.
SELECT to_regclass('event_logs_2024_02_week1') IS NOT NULL AS is_split,
       to_regclass('event_logs_archive') IS NOT NULL AS is_detached,
       to_regclass('event_logs_2024_04') IS NOT NULL AS has_april,
       to_regclass('users_by_date') IS NOT NULL AS is_migrated
\gset

\if :is_split
\ir 14_merge_weeks.sql
\endif

\if :is_detached
\ir 14_restore_january.sql
\endif

\if :has_april
\ir 14_return_april.sql
\endif

\if :is_migrated
\ir 14_drop_users_by_date.sql
\endif

-- Show the partitions of event_logs and their rows
SELECT tableoid::regclass AS partition, count(*) AS rows, min(created_at) AS first, max(created_at) AS last
FROM event_logs
GROUP BY tableoid
ORDER BY first;
