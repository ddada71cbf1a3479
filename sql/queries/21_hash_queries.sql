-- Queries on users_distributed, partitioned by HASH of id into four partitions. The hash spreads the rows
-- evenly and says nothing about their order: equality finds a partition, a range never does.

-- name: one_id
-- One id: the planner computes the hash and leaves three of four partitions out.
SELECT id, username, email, country_code, registration_date
FROM users_distributed
WHERE id = 42;

-- name: several_ids
-- Each id of the list goes to its own partition: these four to three of them (2 and 42 meet in one), and the
-- fourth partition is left out. A longer list soon needs all of them.
SELECT id, username, country_code
FROM users_distributed
WHERE id IN (1, 2, 7, 42)
ORDER BY id;

-- name: id_range
-- A range of ids: neighbours are in different partitions, so all four are read. Where ranges matter,
-- partition by range.
SELECT count(*) AS users
FROM users_distributed
WHERE id BETWEEN 20 AND 40;

-- name: by_username
-- A column other than the key: four searches in four indexes instead of one.
SELECT id, username
FROM users_distributed
WHERE username = 'no such user';

-- name: other_type
-- 42 as numeric: the hash of the partitions is that of integer, so none can be left out. Drivers that send
-- every number as numeric, or as text with a cast on the column, lose the pruning without a word.
SELECT id, username
FROM users_distributed
WHERE id = 42::numeric;

-- name: join_by_id
-- For each row of the list one search, in the partition of its id: pruned during execution. Tables this
-- small would be joined by hash, which reads every partition once; OFFSET 0 keeps the planner from turning
-- the subquery into such a join, and so shows the plan that a large table gets by itself.
SELECT wanted.id, u.username
FROM (VALUES (1), (42)) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT username
    FROM users_distributed
    WHERE id = wanted.id
    OFFSET 0
) AS u
ORDER BY wanted.id;

-- name: prepared
-- A generic plan has all four partitions; with the value known, each execution removes three.
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE user_by_id (integer) AS
    SELECT id, username, email
    FROM users_distributed
    WHERE id = $1;
EXECUTE user_by_id (42);
DEALLOCATE user_by_id;
COMMIT;
