-- Lock users_distributed against writers until the commit
-- This file copies the users, partitioned by hash of id, into users_by_date, partitioned by quarter of the
-- registration date. Both tables stay, to be compared.
-- SHARE is enough: readers go on, writers wait. Without it the two tables would differ by what was written during
-- the copy. To replace users_distributed by the new table, ACCESS EXCLUSIVE for the renaming would be needed.
LOCK TABLE users_distributed IN SHARE MODE;

-- Act as the owner of users_distributed
-- What a superuser or a member of the owner's role makes here shall belong to the owner.
SELECT set_config('role', pg_get_userbyid(relowner), true) AS owner FROM pg_class WHERE oid = 'users_distributed'::regclass;

-- Refuse to be shown a part of the rows only
-- If a policy hid rows from us, the copy would lack them. With this setting such a query fails instead.
SET LOCAL row_security = off;

-- Create users_by_date, by RANGE (registration_date)
-- By hash, an id leads to one partition and a date to all four; by range it is the other way round. SERIAL makes
-- a sequence of its own, so that each table can be dropped without the other.
CREATE TABLE users_by_date (
    id SERIAL,
    username VARCHAR(50) NOT NULL,
    email VARCHAR(100) NOT NULL,
    country_code VARCHAR(2),
    registration_date DATE DEFAULT CURRENT_DATE,
    status VARCHAR(20) DEFAULT 'active'
) PARTITION BY RANGE (registration_date);

-- Create the partition of the first quarter
-- PARTITION OF takes ACCESS EXCLUSIVE on the parent. Nobody else can see this parent before the commit.
CREATE TABLE users_by_date_2024_q1 PARTITION OF users_by_date FOR VALUES FROM ('2024-01-01') TO ('2024-04-01');

-- Create the partition of the second quarter
CREATE TABLE users_by_date_2024_q2 PARTITION OF users_by_date FOR VALUES FROM ('2024-04-01') TO ('2024-07-01');

-- Create the partition of the third quarter
CREATE TABLE users_by_date_2024_q3 PARTITION OF users_by_date FOR VALUES FROM ('2024-07-01') TO ('2024-10-01');

-- Create the partition of the fourth quarter
CREATE TABLE users_by_date_2024_q4 PARTITION OF users_by_date FOR VALUES FROM ('2024-10-01') TO ('2025-01-01');

-- Create the default partition: other years, and no date
-- No range takes NULL, from MINVALUE to MAXVALUE neither: only a default partition does.
CREATE TABLE users_by_date_default PARTITION OF users_by_date DEFAULT;

-- Copy the users; each one is routed to its quarter
INSERT INTO users_by_date (id, username, email, country_code, registration_date, status)
SELECT id, username, email, country_code, registration_date, status
FROM users_distributed;

-- Build the key
-- It must contain the partition key, and that may be NULL: a primary key is impossible, and to a plain UNIQUE two
-- NULLs are different, so the same id could come twice without a date. NULLS NOT DISTINCT (PostgreSQL 15) makes
-- them equal. On 14 a unique index of the default partition takes care of the rows without a date.
-- The uniqueness of id alone, and that of username, is no longer guaranteed: the price of this strategy.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 150000 THEN
        EXECUTE 'ALTER TABLE users_by_date ADD CONSTRAINT users_by_date_key
                 UNIQUE NULLS NOT DISTINCT (id, registration_date)';
    ELSE
        ALTER TABLE users_by_date ADD CONSTRAINT users_by_date_key UNIQUE (id, registration_date);
        CREATE UNIQUE INDEX users_by_date_default_no_date ON users_by_date_default (id) WHERE registration_date IS NULL;
    END IF;
END
$$;

-- Index users_by_date by username
-- On the parent of tables that nobody else sees, one statement builds the index in every partition, under names
-- that PostgreSQL chooses.
CREATE INDEX idx_users_by_date_username ON users_by_date (username);

-- Index users_by_date by e-mail
CREATE INDEX idx_users_by_date_email ON users_by_date (email);

-- Let the new sequence go on where the old one stands
-- GREATEST also covers rows that came with ids of their own. An unused sequence of an empty table stays unused.
SELECT setval('users_by_date_id_seq', GREATEST(old_seq.last_value, old_rows.max_id),
              old_seq.is_called OR old_rows.max_id >= old_seq.last_value)
FROM users_distributed_id_seq AS old_seq,
     (SELECT COALESCE(max(id), 0) AS max_id FROM users_distributed) AS old_rows;

-- Describe the new table
COMMENT ON TABLE users_by_date IS 'The users of users_distributed, partitioned by quarter of registration_date, as of the migration';

-- Compare the two tables, row by row
-- All columns of both: a column that users_distributed has got since stops this file, as the copy would lack it.
DO $$
DECLARE
    differing bigint;
BEGIN
    SELECT count(*) INTO differing
    FROM users_distributed AS u
    FULL JOIN users_by_date AS d USING (id)
    WHERE u IS DISTINCT FROM d;
    IF differing > 0 THEN
        RAISE EXCEPTION 'users_by_date and users_distributed differ in % rows', differing;
    END IF;
END
$$;

-- Gather statistics for users_by_date and its partitions
ANALYZE users_by_date;

-- Show how both tables spread the users
SELECT tableoid::regclass AS partition, count(*) AS rows, min(registration_date) AS first, max(registration_date) AS last
FROM users_distributed
GROUP BY tableoid
UNION ALL
SELECT tableoid::regclass, count(*), min(registration_date), max(registration_date)
FROM users_by_date
GROUP BY tableoid
ORDER BY 1;
