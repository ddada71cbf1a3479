-- Lock orders_by_region: nobody reads or writes it until the commit
-- This file turns the plain table orders_by_region into one that is partitioned by lists of regions.
-- The strongest lock at once, and not SHARE first: the renaming needs it, and an upgrade can deadlock with
-- a session that has read the table and waits to write. 01_range_partitions.sql says more.
LOCK TABLE orders_by_region IN ACCESS EXCLUSIVE MODE;

-- Create orders_by_region_partitioned, partitioned by LIST (region)
CREATE TABLE orders_by_region_partitioned (
    id BIGSERIAL,
    order_number VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    region VARCHAR(20) NOT NULL,
    order_total DECIMAL(10,2) NOT NULL,
    order_status VARCHAR(20) DEFAULT 'pending',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
) PARTITION BY LIST (region);

-- Create the partition of North America
-- A list names each value; a value can stand in one list alone.
CREATE TABLE orders_north_america PARTITION OF orders_by_region_partitioned
    FOR VALUES IN ('US', 'CA', 'MX');

-- Create the partition of Europe
CREATE TABLE orders_europe PARTITION OF orders_by_region_partitioned
    FOR VALUES IN ('UK', 'DE', 'FR', 'IT', 'ES');

-- Create the partition of Asia and the Pacific
CREATE TABLE orders_asia_pacific PARTITION OF orders_by_region_partitioned
    FOR VALUES IN ('JP', 'CN', 'AU', 'IN', 'SG');

-- Create the default partition, for regions that no list names
-- It also takes misspelt ones, such as 'us': a default hides wrong keys that would else be an error.
CREATE TABLE orders_other PARTITION OF orders_by_region_partitioned DEFAULT;

-- Copy the rows; each one is routed to its partition
INSERT INTO orders_by_region_partitioned
    (id, order_number, user_id, product_id, region, order_total, order_status, created_at)
SELECT id, order_number, user_id, product_id, region, order_total, order_status, created_at
FROM orders_by_region;

-- Keep the plain table as orders_by_region_old
ALTER TABLE orders_by_region RENAME TO orders_by_region_old;

-- Put the partitioned table in its place
-- Both renamings become visible in one instant, at the commit.
ALTER TABLE orders_by_region_partitioned RENAME TO orders_by_region;

-- Rename the old table's primary key
-- Index names are unique in a schema: the old ones go out of the way, the new ones are the plain ones.
ALTER TABLE orders_by_region_old RENAME CONSTRAINT orders_by_region_pkey TO orders_by_region_old_pkey;

-- Rename the old table's index on the user
ALTER INDEX idx_orders_by_region_user_id RENAME TO idx_orders_by_region_old_user_id;

-- Rename the old table's index on the status
ALTER INDEX idx_orders_by_region_status RENAME TO idx_orders_by_region_old_status;

-- Rename the old table's index on the region
ALTER INDEX idx_orders_by_region_region RENAME TO idx_orders_by_region_old_region;

-- Rename the old table's sequence
ALTER SEQUENCE orders_by_region_id_seq RENAME TO orders_by_region_old_id_seq;

-- Give the new table's sequence its final name
ALTER SEQUENCE orders_by_region_partitioned_id_seq RENAME TO orders_by_region_id_seq;

-- Give the NOT NULL constraints their final names (PostgreSQL 18)
-- Since PostgreSQL 18 they are constraints with names, made from the name the table had. Up to 17 the
-- loop finds nothing.
DO $$
DECLARE
    old_name name;
BEGIN
    FOR old_name IN
        SELECT conname FROM pg_constraint WHERE conrelid = 'orders_by_region'::regclass AND contype = 'n'
    LOOP
        EXECUTE format('ALTER TABLE orders_by_region RENAME CONSTRAINT %I TO %I',
                       old_name, replace(old_name, '_partitioned', ''));
    END LOOP;
END
$$;

-- Build the primary key, with its index in every partition
-- It must contain the partition key, so the region joins it; the uniqueness of id rests on the sequence.
ALTER TABLE orders_by_region ADD CONSTRAINT orders_by_region_pkey PRIMARY KEY (id, region);

-- Declare the index of orders_by_region on the user, yet empty
-- Each partition attaches its own below; partitions that come later get theirs by themselves.
CREATE INDEX idx_orders_by_region_user_id ON ONLY orders_by_region (user_id);

-- Declare the index of orders_by_region on the status, yet empty
CREATE INDEX idx_orders_by_region_status ON ONLY orders_by_region (order_status);

-- Index orders_north_america by user
CREATE INDEX idx_orders_north_america_user_id ON orders_north_america (user_id);

-- Attach idx_orders_north_america_user_id
ALTER INDEX idx_orders_by_region_user_id ATTACH PARTITION idx_orders_north_america_user_id;

-- Index orders_north_america by status
CREATE INDEX idx_orders_north_america_status ON orders_north_america (order_status);

-- Attach idx_orders_north_america_status
ALTER INDEX idx_orders_by_region_status ATTACH PARTITION idx_orders_north_america_status;

-- Index orders_europe by user
CREATE INDEX idx_orders_europe_user_id ON orders_europe (user_id);

-- Attach idx_orders_europe_user_id
ALTER INDEX idx_orders_by_region_user_id ATTACH PARTITION idx_orders_europe_user_id;

-- Index orders_europe by status
CREATE INDEX idx_orders_europe_status ON orders_europe (order_status);

-- Attach idx_orders_europe_status
ALTER INDEX idx_orders_by_region_status ATTACH PARTITION idx_orders_europe_status;

-- Index orders_asia_pacific by user
CREATE INDEX idx_orders_asia_pacific_user_id ON orders_asia_pacific (user_id);

-- Attach idx_orders_asia_pacific_user_id
ALTER INDEX idx_orders_by_region_user_id ATTACH PARTITION idx_orders_asia_pacific_user_id;

-- Index orders_asia_pacific by status
CREATE INDEX idx_orders_asia_pacific_status ON orders_asia_pacific (order_status);

-- Attach idx_orders_asia_pacific_status
ALTER INDEX idx_orders_by_region_status ATTACH PARTITION idx_orders_asia_pacific_status;

-- Index orders_other by user
CREATE INDEX idx_orders_other_user_id ON orders_other (user_id);

-- Attach idx_orders_other_user_id
ALTER INDEX idx_orders_by_region_user_id ATTACH PARTITION idx_orders_other_user_id;

-- Index orders_other by status
CREATE INDEX idx_orders_other_status ON orders_other (order_status);

-- Attach idx_orders_other_status
ALTER INDEX idx_orders_by_region_status ATTACH PARTITION idx_orders_other_status;

-- Let the new sequence go on where the old one stands
-- A new sequence starts at 1 and its first ids would meet rows that are there: 23505. GREATEST also
-- covers rows that came with ids of their own, past the sequence. The third argument says whether the value
-- has been handed out: an unused sequence of an empty table stays unused and starts with 1.
SELECT setval('orders_by_region_id_seq', GREATEST(old_seq.last_value, old_rows.max_id),
              old_seq.is_called OR old_rows.max_id >= old_seq.last_value)
FROM orders_by_region_old_id_seq AS old_seq,
     (SELECT COALESCE(max(id), 0) AS max_id FROM orders_by_region_old) AS old_rows;

-- Describe the partitioned table
COMMENT ON TABLE orders_by_region IS 'Orders, partitioned by list of regions';

-- Describe the old table
COMMENT ON TABLE orders_by_region_old IS 'The plain table orders_by_region as it was before the migration, kept for comparison';

-- Gather statistics for orders_by_region and its partitions
-- Autovacuum never analyzes a partitioned table, only its partitions.
ANALYZE orders_by_region;

-- Gather statistics for orders_by_region_old
-- It is kept for comparison, and a plan that is made without statistics is a guess.
ANALYZE orders_by_region_old;
