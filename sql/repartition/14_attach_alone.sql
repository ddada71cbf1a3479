-- Lock the table and the detached partition until the commit
-- This file is for a partition of a table without a default one, and for the default partition itself. In psql:
--   psql -v ON_ERROR_STOP=1 -1 -v table=orders_by_region -v partition=orders_other -v bound=DEFAULT
--     -f 14_attach_alone.sql
LOCK TABLE ONLY :"table", :"partition" IN ACCESS EXCLUSIVE MODE;

-- Attach the partition
-- It scans the partition, and fails (23514) if somebody wrote rows that are not of its bound to it.
ALTER TABLE :"table" ATTACH PARTITION :"partition" :bound;

-- Gather statistics for the table and its partitions
ANALYZE :"table";
