-- Attach a partition of a table without a default one, or the default partition itself
-- It scans the partition, and fails (23514) if somebody wrote rows that are not of its bound to it. In psql:
--   psql -v ON_ERROR_STOP=1 -1 -v table=orders_by_region -v partition=orders_other -v bound=DEFAULT
--     -f 14_attach_alone.sql
ALTER TABLE :"table" ATTACH PARTITION :"partition" :bound;

-- Gather statistics for the table and its partitions
ANALYZE :"table";
