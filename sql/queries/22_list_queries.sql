-- Queries on orders_by_region, partitioned by LIST of region: North America, Europe, Asia and the Pacific, and
-- a default partition for all other regions.

-- name: one_region
-- 'DE' is in the list of Europe: one partition. The other countries of Europe are in it too, so its rows are
-- still filtered.
SELECT count(*) AS orders, sum(order_total) AS total
FROM orders_by_region
WHERE region = 'DE';

-- name: several_regions
-- Regions of two lists: two partitions, however many regions are named.
SELECT region, count(*) AS orders
FROM orders_by_region
WHERE region IN ('US', 'CA', 'DE', 'FR')
GROUP BY region
ORDER BY region;

-- name: unmapped_region
-- No list has 'BR': it can only be in the default partition.
SELECT count(*) AS orders
FROM orders_by_region
WHERE region = 'BR';

-- name: not_in
-- NOT IN leaves a partition out if its list names nothing else: North America goes, three are read. Without
-- 'MX' among the values, North America would have to be read as well.
SELECT count(*) AS orders
FROM orders_by_region
WHERE region NOT IN ('US', 'CA', 'MX');

-- name: either_condition
-- OR prunes as well, if each side names the key: Europe or the default partition. One side without the
-- key would bring all partitions back.
SELECT count(*) AS orders
FROM orders_by_region
WHERE (region = 'UK' AND order_status = 'pending') OR region = 'BR';

-- name: hidden_key
-- lower(region) is not the key: all four partitions.
SELECT count(*) AS orders
FROM orders_by_region
WHERE lower(region) = 'de';

-- name: subquery
-- The regions come from another query, whose result the planner does not know: pruned during execution.
SELECT count(*) AS orders
FROM orders_by_region
WHERE region = (SELECT max(wanted.region) FROM (VALUES ('DE'), ('UK')) AS wanted (region));

-- name: prepared
-- A generic plan has all four partitions; with the value known, execution starts with one.
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE orders_of (text) AS
    SELECT count(*) AS orders
    FROM orders_by_region
    WHERE region = $1;
EXECUTE orders_of ('JP');
DEALLOCATE orders_of;
COMMIT;

-- name: all_totals
-- A sum per region needs every partition. By default their rows are first put together and then
-- aggregated, all in one.
SELECT region, count(*) AS orders, sum(order_total) AS total
FROM orders_by_region
GROUP BY region
ORDER BY region;

-- name: partition_wise
-- The same sum, partition-wise: a region is in one partition only, so each partition can be aggregated by
-- itself and the results just appended. The setting is off by default because it makes planning dearer.
BEGIN;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT region, count(*) AS orders, sum(order_total) AS total
FROM orders_by_region
GROUP BY region
ORDER BY region;
COMMIT;
