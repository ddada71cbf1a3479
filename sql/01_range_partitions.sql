-- Lock event_logs: nobody reads or writes it until the commit
-- This file turns the plain table event_logs into one that is partitioned by month of created_at. The
-- steps: new table, partitions, copy, swap of the names, keys and indexes, sequence, statistics.
-- A row that another session wrote between the copy and the swap would be lost, so writers must wait.
-- SHARE would do for the copy, but the renaming below needs ACCESS EXCLUSIVE, and upgrading is a trap: a
-- session that has read the table and waits to write to it would deadlock with us. So the strongest
-- lock is taken at once. It is held for the whole copy; a migration of a large table in use does the copy
-- beforehand instead, while a trigger or a slot captures the changes, and locks for the swap alone.
LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE;

-- Create event_logs_partitioned, partitioned by RANGE (created_at)
-- The columns are those of the plain table, in the same order. The table itself stores no rows.
-- BIGSERIAL makes a sequence of its own, so each of the two tables can later be dropped without the other.
-- The primary key is not declared here: it follows the copy, because building an index over rows that
-- are there is a sort, while keeping one up to date row by row is a search in a tree for each row.
CREATE TABLE event_logs_partitioned (
    id BIGSERIAL,
    event_type VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    event_data JSONB,
    ip_address INET,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) PARTITION BY RANGE (created_at);

-- Create the partition of January 2024
-- FROM is inclusive, TO is exclusive, so neighbours share a boundary and leave no gap.
-- PARTITION OF takes ACCESS EXCLUSIVE on the parent. Nobody else can see this parent yet; on one in use,
-- CREATE TABLE (LIKE ...) followed by ATTACH PARTITION is kinder, with SHARE UPDATE EXCLUSIVE.
CREATE TABLE event_logs_2024_01 PARTITION OF event_logs_partitioned
    FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');

-- Create the partition of February 2024
CREATE TABLE event_logs_2024_02 PARTITION OF event_logs_partitioned
    FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');

-- Create the partition of March 2024
CREATE TABLE event_logs_2024_03 PARTITION OF event_logs_partitioned
    FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');

-- Create the default partition, for every other date
-- Without it, an insert outside January to March would fail with 23514. Its price comes later: a new
-- partition cannot be created while the default holds rows of its range, and each attempt scans it.
CREATE TABLE event_logs_default PARTITION OF event_logs_partitioned DEFAULT;

-- Copy the rows; each one is routed to its partition
-- The ids are copied, so the new sequence does not move; it gets its position further down.
-- Routing is cheap: at a million rows, one INSERT per partition or CREATE TABLE AS was not faster.
INSERT INTO event_logs_partitioned (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM event_logs;

-- Keep the plain table as event_logs_old
-- Renaming changes the catalog alone, whatever the size, under ACCESS EXCLUSIVE. It fails if event_logs_old
-- is there. Views, foreign keys and grants follow the table, not the name: on a schema that has
-- them they must be moved by hand.
ALTER TABLE event_logs RENAME TO event_logs_old;

-- Put the partitioned table in its place
-- Both renamings become visible in one instant, at the commit. Waiting sessions then find the new table.
-- One kind of transaction must not be running now: a REPEATABLE READ one that began before the copy and
-- reads the table after the swap finds it empty, as the copied rows are younger than its snapshot.
ALTER TABLE event_logs_partitioned RENAME TO event_logs;

-- Rename the old table's primary key
-- Constraint and index names stay behind when a table is renamed, and index names are unique in a schema.
-- The old table's go out of the way, so that the new table's can have the plain ones.
ALTER TABLE event_logs_old RENAME CONSTRAINT event_logs_pkey TO event_logs_old_pkey;

-- Rename the old table's index on the time
ALTER INDEX idx_event_logs_created_at RENAME TO idx_event_logs_old_created_at;

-- Rename the old table's index on the type
ALTER INDEX idx_event_logs_event_type RENAME TO idx_event_logs_old_event_type;

-- Rename the old table's index on the user
ALTER INDEX idx_event_logs_user_id RENAME TO idx_event_logs_old_user_id;

-- Rename the old table's sequence
-- The column default refers to the sequence by its OID, so it follows. The old table can still be written
-- to, but then hands out ids that the new one hands out too: it is there to compare with and to read.
ALTER SEQUENCE event_logs_id_seq RENAME TO event_logs_old_id_seq;

-- Give the new table's sequence its final name
ALTER SEQUENCE event_logs_partitioned_id_seq RENAME TO event_logs_id_seq;

-- Give the NOT NULL constraints their final names (PostgreSQL 18)
-- Since PostgreSQL 18 a NOT NULL is a constraint with a name, here event_logs_partitioned_id_not_null.
-- Renaming it on the parent renames it in the partitions too. Up to 17 the loop finds nothing.
DO $$
DECLARE
    old_name name;
BEGIN
    FOR old_name IN
        SELECT conname FROM pg_constraint WHERE conrelid = 'event_logs'::regclass AND contype = 'n'
    LOOP
        EXECUTE format('ALTER TABLE event_logs RENAME CONSTRAINT %I TO %I',
                       old_name, replace(old_name, '_partitioned', ''));
    END LOOP;
END
$$;

-- Build the primary key, with its index in every partition
-- A unique constraint of a partitioned table must contain the partition key, as each index covers one
-- partition only. So created_at joins the key, and the uniqueness of id alone rests on the sequence.
-- Large partitions are indexed by parallel workers by default.
ALTER TABLE event_logs ADD CONSTRAINT event_logs_pkey PRIMARY KEY (id, created_at);

-- Declare the index of event_logs on the type, yet empty
-- ON ONLY leaves the partitions out: the index stays invalid until each partition has one attached to it. Later
-- partitions get their own by themselves. On a table in use the indexes of the partitions can be built with
-- CREATE INDEX CONCURRENTLY, which writers do not feel and a partitioned index does not offer.
CREATE INDEX idx_event_logs_event_type ON ONLY event_logs (event_type);

-- Declare the index of event_logs on the user, yet empty
CREATE INDEX idx_event_logs_user_id ON ONLY event_logs (user_id);

-- Index event_logs_2024_01 by type
-- On a table that others use, CREATE INDEX takes SHARE on the partition and holds up its writers.
CREATE INDEX idx_event_logs_2024_01_event_type ON event_logs_2024_01 (event_type);

-- Attach idx_event_logs_2024_01_event_type
-- It checks that the two definitions match, and takes SHARE UPDATE EXCLUSIVE on the partitioned index and
-- ACCESS EXCLUSIVE on the other, for an instant. With the last partition the partitioned index becomes valid.
ALTER INDEX idx_event_logs_event_type ATTACH PARTITION idx_event_logs_2024_01_event_type;

-- Index event_logs_2024_01 by user
CREATE INDEX idx_event_logs_2024_01_user_id ON event_logs_2024_01 (user_id);

-- Attach idx_event_logs_2024_01_user_id
ALTER INDEX idx_event_logs_user_id ATTACH PARTITION idx_event_logs_2024_01_user_id;

-- Index event_logs_2024_02 by type
CREATE INDEX idx_event_logs_2024_02_event_type ON event_logs_2024_02 (event_type);

-- Attach idx_event_logs_2024_02_event_type
ALTER INDEX idx_event_logs_event_type ATTACH PARTITION idx_event_logs_2024_02_event_type;

-- Index event_logs_2024_02 by user
CREATE INDEX idx_event_logs_2024_02_user_id ON event_logs_2024_02 (user_id);

-- Attach idx_event_logs_2024_02_user_id
ALTER INDEX idx_event_logs_user_id ATTACH PARTITION idx_event_logs_2024_02_user_id;

-- Index event_logs_2024_03 by type
CREATE INDEX idx_event_logs_2024_03_event_type ON event_logs_2024_03 (event_type);

-- Attach idx_event_logs_2024_03_event_type
ALTER INDEX idx_event_logs_event_type ATTACH PARTITION idx_event_logs_2024_03_event_type;

-- Index event_logs_2024_03 by user
CREATE INDEX idx_event_logs_2024_03_user_id ON event_logs_2024_03 (user_id);

-- Attach idx_event_logs_2024_03_user_id
ALTER INDEX idx_event_logs_user_id ATTACH PARTITION idx_event_logs_2024_03_user_id;

-- Index event_logs_default by type
CREATE INDEX idx_event_logs_default_event_type ON event_logs_default (event_type);

-- Attach idx_event_logs_default_event_type
ALTER INDEX idx_event_logs_event_type ATTACH PARTITION idx_event_logs_default_event_type;

-- Index event_logs_default by user
CREATE INDEX idx_event_logs_default_user_id ON event_logs_default (user_id);

-- Attach idx_event_logs_default_user_id
ALTER INDEX idx_event_logs_user_id ATTACH PARTITION idx_event_logs_default_user_id;

-- Let the new sequence go on where the old one stands
-- A new sequence starts at 1 and its first ids would meet rows that are there: 23505. GREATEST also
-- covers rows that came with ids of their own, past the sequence. The third argument says whether the value
-- has been handed out: an unused sequence of an empty table stays unused and starts with 1.
SELECT setval('event_logs_id_seq', GREATEST(old_seq.last_value, old_rows.max_id),
              old_seq.is_called OR old_rows.max_id >= old_seq.last_value)
FROM event_logs_old_id_seq AS old_seq,
     (SELECT COALESCE(max(id), 0) AS max_id FROM event_logs_old) AS old_rows;

-- Describe the partitioned table
COMMENT ON TABLE event_logs IS 'Events, partitioned by month of created_at';

-- Describe the old table
COMMENT ON TABLE event_logs_old IS 'The plain table event_logs as it was before the migration, kept for comparison';

-- Gather statistics for event_logs and its partitions
-- Autovacuum analyzes partitions, never a partitioned table: the planner would know nothing of the whole.
-- ANALYZE takes SHARE UPDATE EXCLUSIVE on the table and its partitions, which blocks no reader or writer.
ANALYZE event_logs;

-- Gather statistics for event_logs_old
-- It is kept for comparison, and a plan that is made without statistics is a guess.
ANALYZE event_logs_old;
