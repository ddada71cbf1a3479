-- Create event_logs, a plain table of events
-- All four tables of this file are standard tables: no PARTITION BY, no partitions. They are what a
-- system has before it grows; the files 01 to 04 turn them, with their rows, into partitioned tables.
-- BIGSERIAL makes the sequence event_logs_id_seq, owned by the column and used as its default.
-- A new table is seen by nobody before the commit, so nothing in this file can block another session.
CREATE TABLE event_logs (
    id BIGSERIAL PRIMARY KEY,
    event_type VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    event_data JSONB,
    ip_address INET,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Index event_logs by time
-- CREATE INDEX takes SHARE on the table: on a live one it would hold up every writer, but no reader.
CREATE INDEX idx_event_logs_created_at ON event_logs (created_at);

-- Index event_logs by type of event
CREATE INDEX idx_event_logs_event_type ON event_logs (event_type);

-- Index event_logs by user
CREATE INDEX idx_event_logs_user_id ON event_logs (user_id);

-- Create users_distributed, a plain table of users
-- One table, one unique index: UNIQUE (username) is all it takes here. A table partitioned by id cannot
-- have this constraint, and 02_hash_partitions.sql shows how to keep the guarantee all the same.
CREATE TABLE users_distributed (
    id SERIAL PRIMARY KEY,
    username VARCHAR(50) NOT NULL UNIQUE,
    email VARCHAR(100) NOT NULL,
    country_code VARCHAR(2),
    registration_date DATE DEFAULT CURRENT_DATE,
    status VARCHAR(20) DEFAULT 'active'
);

-- Index users_distributed by username
-- It repeats the index that the UNIQUE constraint has already made. Such pairs are common in grown
-- schemas and cost every write; the partitioned table needs this one, because it loses the other.
CREATE INDEX idx_users_distributed_username ON users_distributed (username);

-- Index users_distributed by e-mail address
CREATE INDEX idx_users_distributed_email ON users_distributed (email);

-- Create orders_by_region, a plain table of orders
CREATE TABLE orders_by_region (
    id BIGSERIAL PRIMARY KEY,
    order_number VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    region VARCHAR(20) NOT NULL,
    order_total DECIMAL(10,2) NOT NULL,
    order_status VARCHAR(20) DEFAULT 'pending',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Index orders_by_region by user
CREATE INDEX idx_orders_by_region_user_id ON orders_by_region (user_id);

-- Index orders_by_region by status
CREATE INDEX idx_orders_by_region_status ON orders_by_region (order_status);

-- Index orders_by_region by region
-- After the migration the region is the partition key, and choosing the partition does its work.
CREATE INDEX idx_orders_by_region_region ON orders_by_region (region);

-- Create sales_data, a plain table of sales
CREATE TABLE sales_data (
    id BIGSERIAL PRIMARY KEY,
    sale_date DATE NOT NULL,
    product_category VARCHAR(50) NOT NULL,
    product_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price DECIMAL(10,2) NOT NULL,
    total_amount DECIMAL(10,2) NOT NULL,
    store_id INTEGER
);

-- Index sales_data by date
CREATE INDEX idx_sales_data_sale_date ON sales_data (sale_date);

-- Index sales_data by category
CREATE INDEX idx_sales_data_category ON sales_data (product_category);

-- Index sales_data by product
CREATE INDEX idx_sales_data_product_id ON sales_data (product_id);
