-- Lock sales_data: nobody reads or writes it until the commit
-- This file turns the plain table sales_data into one with two levels of partitions: quarters by RANGE of
-- the date, and groups of categories by LIST within each quarter.
-- The strongest lock at once, and not SHARE first: the renaming needs it, and an upgrade can deadlock with
-- a session that has read the table and waits to write. 01_range_partitions.sql says more.
LOCK TABLE sales_data IN ACCESS EXCLUSIVE MODE;

-- Create sales_data_partitioned, partitioned by RANGE (sale_date)
CREATE TABLE sales_data_partitioned (
    id BIGSERIAL,
    sale_date DATE NOT NULL,
    product_category VARCHAR(50) NOT NULL,
    product_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price DECIMAL(10,2) NOT NULL,
    total_amount DECIMAL(10,2) NOT NULL,
    store_id INTEGER
) PARTITION BY RANGE (sale_date);

-- Create the first quarter, partitioned by LIST (product_category)
-- A partition can be partitioned in turn. Only the leaves store rows; a query that names the date and the
-- category is narrowed down at both levels.
CREATE TABLE sales_2024_q1 PARTITION OF sales_data_partitioned
    FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')
    PARTITION BY LIST (product_category);

-- Create the second quarter, partitioned by LIST (product_category)
-- There is no default quarter: a sale outside January to June 2024 is refused with 23514. That makes a
-- missing partition an error at once, instead of a pile of rows to move later.
CREATE TABLE sales_2024_q2 PARTITION OF sales_data_partitioned
    FOR VALUES FROM ('2024-04-01') TO ('2024-07-01')
    PARTITION BY LIST (product_category);

-- Create the first quarter's electronics
CREATE TABLE sales_2024_q1_electronics PARTITION OF sales_2024_q1
    FOR VALUES IN ('electronics', 'computers');

-- Create the first quarter's clothing
CREATE TABLE sales_2024_q1_clothing PARTITION OF sales_2024_q1
    FOR VALUES IN ('clothing', 'shoes', 'accessories');

-- Create the first quarter's default, for every other category
CREATE TABLE sales_2024_q1_other PARTITION OF sales_2024_q1 DEFAULT;

-- Create the second quarter's electronics
CREATE TABLE sales_2024_q2_electronics PARTITION OF sales_2024_q2
    FOR VALUES IN ('electronics', 'computers');

-- Create the second quarter's clothing
CREATE TABLE sales_2024_q2_clothing PARTITION OF sales_2024_q2
    FOR VALUES IN ('clothing', 'shoes', 'accessories');

-- Create the second quarter's default, for every other category
CREATE TABLE sales_2024_q2_other PARTITION OF sales_2024_q2 DEFAULT;

-- Copy the rows; each one is routed to its partition
INSERT INTO sales_data_partitioned
    (id, sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id)
SELECT id, sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id
FROM sales_data;

-- Keep the plain table as sales_data_old
ALTER TABLE sales_data RENAME TO sales_data_old;

-- Put the partitioned table in its place
-- Both renamings become visible in one instant, at the commit.
ALTER TABLE sales_data_partitioned RENAME TO sales_data;

-- Rename the old table's primary key
-- Index names are unique in a schema: the old ones go out of the way, the new ones are the plain ones.
ALTER TABLE sales_data_old RENAME CONSTRAINT sales_data_pkey TO sales_data_old_pkey;

-- Rename the old table's index on the date
ALTER INDEX idx_sales_data_sale_date RENAME TO idx_sales_data_old_sale_date;

-- Rename the old table's index on the category
ALTER INDEX idx_sales_data_category RENAME TO idx_sales_data_old_category;

-- Rename the old table's index on the product
ALTER INDEX idx_sales_data_product_id RENAME TO idx_sales_data_old_product_id;

-- Rename the old table's sequence
ALTER SEQUENCE sales_data_id_seq RENAME TO sales_data_old_id_seq;

-- Give the new table's sequence its final name
ALTER SEQUENCE sales_data_partitioned_id_seq RENAME TO sales_data_id_seq;

-- Give the NOT NULL constraints their final names (PostgreSQL 18)
-- Since PostgreSQL 18 they are constraints with names, made from the name the table had. Up to 17 the
-- loop finds nothing.
DO $$
DECLARE
    old_name name;
BEGIN
    FOR old_name IN
        SELECT conname FROM pg_constraint WHERE conrelid = 'sales_data'::regclass AND contype = 'n'
    LOOP
        EXECUTE format('ALTER TABLE sales_data RENAME CONSTRAINT %I TO %I',
                       old_name, replace(old_name, '_partitioned', ''));
    END LOOP;
END
$$;

-- Build the primary key, with its index in every partition
-- It must contain the keys of both levels, as it must be unique within each leaf.
ALTER TABLE sales_data ADD CONSTRAINT sales_data_pkey PRIMARY KEY (id, sale_date, product_category);

-- Declare the index of sales_data on the product, yet empty
-- Each partition attaches its own below; partitions that come later get theirs by themselves.
CREATE INDEX idx_sales_data_product_id ON ONLY sales_data (product_id);

-- Declare the index of sales_2024_q1 on the product, yet empty
CREATE INDEX idx_sales_2024_q1_product ON ONLY sales_2024_q1 (product_id);

-- Declare the index of sales_2024_q2 on the product, yet empty
CREATE INDEX idx_sales_2024_q2_product ON ONLY sales_2024_q2 (product_id);

-- Attach the index of the first quarter
-- An index tree follows the table tree: quarters attach to the top, categories to their quarter. It becomes
-- valid from the bottom up, once every leaf has its index.
ALTER INDEX idx_sales_data_product_id ATTACH PARTITION idx_sales_2024_q1_product;

-- Attach the index of the second quarter
ALTER INDEX idx_sales_data_product_id ATTACH PARTITION idx_sales_2024_q2_product;

-- Index sales_2024_q1_electronics by product
CREATE INDEX idx_sales_2024_q1_electronics_product ON sales_2024_q1_electronics (product_id);

-- Attach idx_sales_2024_q1_electronics_product
ALTER INDEX idx_sales_2024_q1_product ATTACH PARTITION idx_sales_2024_q1_electronics_product;

-- Index sales_2024_q1_clothing by product
CREATE INDEX idx_sales_2024_q1_clothing_product ON sales_2024_q1_clothing (product_id);

-- Attach idx_sales_2024_q1_clothing_product
ALTER INDEX idx_sales_2024_q1_product ATTACH PARTITION idx_sales_2024_q1_clothing_product;

-- Index sales_2024_q1_other by product
CREATE INDEX idx_sales_2024_q1_other_product ON sales_2024_q1_other (product_id);

-- Attach idx_sales_2024_q1_other_product
ALTER INDEX idx_sales_2024_q1_product ATTACH PARTITION idx_sales_2024_q1_other_product;

-- Index sales_2024_q2_electronics by product
CREATE INDEX idx_sales_2024_q2_electronics_product ON sales_2024_q2_electronics (product_id);

-- Attach idx_sales_2024_q2_electronics_product
ALTER INDEX idx_sales_2024_q2_product ATTACH PARTITION idx_sales_2024_q2_electronics_product;

-- Index sales_2024_q2_clothing by product
CREATE INDEX idx_sales_2024_q2_clothing_product ON sales_2024_q2_clothing (product_id);

-- Attach idx_sales_2024_q2_clothing_product
ALTER INDEX idx_sales_2024_q2_product ATTACH PARTITION idx_sales_2024_q2_clothing_product;

-- Index sales_2024_q2_other by product
CREATE INDEX idx_sales_2024_q2_other_product ON sales_2024_q2_other (product_id);

-- Attach idx_sales_2024_q2_other_product
ALTER INDEX idx_sales_2024_q2_product ATTACH PARTITION idx_sales_2024_q2_other_product;

-- Let the new sequence go on where the old one stands
-- A new sequence starts at 1 and its first ids would meet rows that are there: 23505. GREATEST also
-- covers rows that came with ids of their own, past the sequence. The third argument says whether the value
-- has been handed out: an unused sequence of an empty table stays unused and starts with 1.
SELECT setval('sales_data_id_seq', GREATEST(old_seq.last_value, old_rows.max_id),
              old_seq.is_called OR old_rows.max_id >= old_seq.last_value)
FROM sales_data_old_id_seq AS old_seq,
     (SELECT COALESCE(max(id), 0) AS max_id FROM sales_data_old) AS old_rows;

-- Describe the partitioned table
COMMENT ON TABLE sales_data IS 'Sales, partitioned by quarter of sale_date, then by list of categories';

-- Describe the old table
COMMENT ON TABLE sales_data_old IS 'The plain table sales_data as it was before the migration, kept for comparison';

-- Gather statistics for sales_data and its partitions
-- Autovacuum never analyzes a partitioned table, only its partitions.
ANALYZE sales_data;

-- Gather statistics for sales_data_old
-- It is kept for comparison, and a plan that is made without statistics is a guess.
ANALYZE sales_data_old;
