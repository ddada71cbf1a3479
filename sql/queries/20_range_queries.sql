-- Queries on event_logs, partitioned by RANGE of created_at: which partitions does each one read? The file
-- runs in psql as it is; put EXPLAIN (ANALYZE, BUFFERS) before a query to see its plan, or let
-- `partdemo run queries` run all of them and count. Each query has a name and what to expect of it.

-- name: single_day
-- One day of February: one partition. The bounds are constants, so the planner itself leaves the others
-- out; the plan does not even mention them. Where February is split into weeks it is one week. Within it every
-- row is read: the partitions have no index on created_at. The plain table has one, and with many rows it is
-- the faster one for a single day, and the slower one for a month.
SELECT count(*) AS events, count(DISTINCT user_id) AS users
FROM event_logs
WHERE created_at >= '2024-02-16' AND created_at < '2024-02-17';

-- name: single_month
-- A whole month, written as a half-open range: exactly the partition of the month. BETWEEN with
-- '2024-03-01' as its end would include that instant, and with it the partition of March.
SELECT event_type, count(*) AS events
FROM event_logs
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01'
GROUP BY event_type
ORDER BY events DESC, event_type;

-- name: several_months
-- The first quarter: three monthly partitions. They cover the range without a gap, so that even the
-- default partition, which may hold any other date, is left out.
SELECT event_type, count(*) AS events
FROM event_logs
WHERE created_at >= '2024-01-01' AND created_at < '2024-04-01'
GROUP BY event_type
ORDER BY events DESC, event_type;

-- name: open_range
-- No upper end: March and the default partition, which holds all that has no partition of its own. A
-- default partition is read by every query that goes beyond the others.
SELECT count(*) AS events
FROM event_logs
WHERE created_at >= '2024-03-01';

-- name: default_only
-- June has no partition: the default one alone. It is searched for June among all its other dates, and on
-- created_at there is no index: the partition key was to take that index's place.
SELECT count(*) AS events
FROM event_logs
WHERE created_at >= '2024-06-01' AND created_at < '2024-07-01';

-- name: last_30_days
-- The clock is not known to the planner: now() is stable, not constant. So the plan has every partition, and
-- those that do not match are removed when execution starts. What remains is the default partition, read as a
-- whole, where the plain table's index finds at once that there is no such row.
SELECT count(*) AS events
FROM event_logs
WHERE created_at >= now() - interval '30 days';

-- name: hidden_key
-- A function around the key hides it: the answer is that of single_month, but no partition is left out.
-- Write the range instead.
SELECT count(*) AS events
FROM event_logs
WHERE date_trunc('month', created_at) = '2024-02-01';

-- name: by_user
-- The key is not mentioned at all: every partition is searched, by its index on user_id. One search in the
-- plain table's single index is cheaper; this is what partitioning costs.
SELECT count(*) AS events
FROM event_logs
WHERE user_id = 42;

-- name: days_of_interest
-- The days come row by row, and for each one only its own partition is read: pruned during execution, so
-- that the plan says "never executed" of a partition that no row asked for. LATERAL with an aggregate has
-- to run once per day; a plain join could become a hash join, which reads every partition once.
SELECT days.day, found.events
FROM (VALUES (timestamp '2024-02-03'), (timestamp '2024-02-16'), (timestamp '2024-02-20')) AS days (day)
CROSS JOIN LATERAL (
    SELECT count(*) AS events
    FROM event_logs
    WHERE created_at >= days.day AND created_at < days.day + interval '1 day'
) AS found
ORDER BY days.day;

-- name: prepared
-- A prepared statement with a generic plan, made without knowing the values: it has every partition, and
-- each execution removes those that its values exclude. PostgreSQL may choose such a plan from the sixth
-- execution on; plan_cache_mode chooses it at once. Planning is saved, but all partitions are locked.
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE events_between (timestamp, timestamp) AS
    SELECT count(*) AS events
    FROM event_logs
    WHERE created_at >= $1 AND created_at < $2;
EXECUTE events_between ('2024-02-16', '2024-02-17');
DEALLOCATE events_between;
COMMIT;
