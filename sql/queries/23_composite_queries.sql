-- Queries on sales_data, partitioned by RANGE of sale_date into quarters, and each quarter by LIST of
-- product_category: six leaves. Each level is pruned by its own key.

-- name: both_keys
-- Both keys: one quarter of two, and in it one group of categories of three. One leaf of six, read as a whole;
-- the plain table has an index on the date and needs fewer pages. Pruning replaces an index only for what is
-- about as large as a leaf.
SELECT count(*) AS sales, sum(total_amount) AS total
FROM sales_data
WHERE sale_date = '2024-02-14' AND product_category = 'electronics';

-- name: date_only
-- The date leads to a quarter, and all its leaves are read.
SELECT count(*) AS sales, sum(total_amount) AS total
FROM sales_data
WHERE sale_date >= '2024-02-01' AND sale_date < '2024-03-01';

-- name: category_only
-- The category does not choose a quarter, but in each quarter it chooses a leaf. The order of the levels does
-- not matter to pruning.
SELECT count(*) AS sales, sum(total_amount) AS total
FROM sales_data
WHERE product_category = 'electronics';

-- name: across_quarters
-- March and April are in two quarters, shoes and books in two leaves of each: four.
SELECT product_category, count(*) AS sales
FROM sales_data
WHERE sale_date >= '2024-03-01' AND sale_date < '2024-05-01'
  AND product_category IN ('shoes', 'books')
GROUP BY product_category
ORDER BY product_category;

-- name: other_category
-- No list has 'books': the default leaf of the quarter.
SELECT count(*) AS sales
FROM sales_data
WHERE sale_date = '2024-05-01' AND product_category = 'books';

-- name: outside
-- There is no partition for August and no default: the planner knows that there is no such row, and nothing
-- is read at all.
SELECT count(*) AS sales
FROM sales_data
WHERE sale_date >= '2024-08-01' AND sale_date < '2024-09-01';

-- name: by_product
-- Neither key: six searches in six indexes, against one in the plain table.
SELECT count(*) AS sales
FROM sales_data
WHERE product_id = 77;

-- name: subquery
-- The date is known to the planner, the category only to the execution: one level is pruned by each.
SELECT count(*) AS sales
FROM sales_data
WHERE sale_date >= '2024-04-01' AND sale_date < '2024-07-01'
  AND product_category = (SELECT min(wanted.category) FROM (VALUES ('shoes'), ('toys')) AS wanted (category));

-- name: prepared
-- A generic plan has all six leaves. The values are known when execution starts, and leave one.
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE sales_of (date, text) AS
    SELECT count(*) AS sales
    FROM sales_data
    WHERE sale_date = $1 AND product_category = $2;
EXECUTE sales_of ('2024-02-14', 'electronics');
DEALLOCATE sales_of;
COMMIT;

-- name: refused_sale
-- Writing is strict where reading is not: a sale in August has no partition to go to and is refused with
-- 23514. It is the last query of the file because psql stops here if ON_ERROR_STOP is set. The id is given
-- so that the sequence does not move.
BEGIN;
INSERT INTO sales_data (id, sale_date, product_category, product_id, quantity, unit_price, total_amount)
VALUES (0, '2024-08-15', 'electronics', 77, 1, 9.99, 9.99);
ROLLBACK;
