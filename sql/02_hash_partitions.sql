-- Lock users_distributed: nobody reads or writes it until the commit
-- This file turns the plain table users_distributed into one that is spread over four partitions by a hash
-- of id, and keeps usernames unique across them, which PostgreSQL's own constraints cannot.
-- The strongest lock at once, and not SHARE first: the renaming needs it, and an upgrade can deadlock with
-- a session that has read the table and waits to write. 01_range_partitions.sql says more.
LOCK TABLE users_distributed IN ACCESS EXCLUSIVE MODE;

-- Create users_distributed_partitioned, partitioned by HASH (id)
-- username is NOT NULL, but no longer UNIQUE: a unique constraint must contain the partition key, and with
-- UNIQUE (username) here PostgreSQL refuses the whole table (0A000). UNIQUE (username, id) would be
-- accepted and guarantee nothing. A side table takes the guarantee over, further down.
CREATE TABLE users_distributed_partitioned (
    id SERIAL,
    username VARCHAR(50) NOT NULL,
    email VARCHAR(100) NOT NULL,
    country_code VARCHAR(2),
    registration_date DATE DEFAULT CURRENT_DATE,
    status VARCHAR(20) DEFAULT 'active'
) PARTITION BY HASH (id);

-- Create the partition of remainder 0
-- A row belongs where hash(id) modulo 4 equals the remainder. The hash spreads sequential ids evenly, and
-- a query for one id touches one partition; a range of ids touches all four. HASH has no default
-- partition: the four remainders must all be there, or some inserts fail with 23514.
CREATE TABLE users_distributed_p0 PARTITION OF users_distributed_partitioned
    FOR VALUES WITH (MODULUS 4, REMAINDER 0);

-- Create the partition of remainder 1
CREATE TABLE users_distributed_p1 PARTITION OF users_distributed_partitioned
    FOR VALUES WITH (MODULUS 4, REMAINDER 1);

-- Create the partition of remainder 2
CREATE TABLE users_distributed_p2 PARTITION OF users_distributed_partitioned
    FOR VALUES WITH (MODULUS 4, REMAINDER 2);

-- Create the partition of remainder 3
CREATE TABLE users_distributed_p3 PARTITION OF users_distributed_partitioned
    FOR VALUES WITH (MODULUS 4, REMAINDER 3);

-- Copy the rows; each one is routed to its partition
INSERT INTO users_distributed_partitioned
    (id, username, email, country_code, registration_date, status)
SELECT id, username, email, country_code, registration_date, status
FROM users_distributed;

-- Keep the plain table as users_distributed_old
ALTER TABLE users_distributed RENAME TO users_distributed_old;

-- Put the partitioned table in its place
-- Both renamings become visible in one instant, at the commit.
ALTER TABLE users_distributed_partitioned RENAME TO users_distributed;

-- Rename the old table's primary key
-- Index names are unique in a schema: the old ones go out of the way, the new ones are the plain ones.
ALTER TABLE users_distributed_old RENAME CONSTRAINT users_distributed_pkey TO users_distributed_old_pkey;

-- Rename the old table's unique constraint on the username
-- The plain name becomes that of the side table's primary key, further down.
ALTER TABLE users_distributed_old
    RENAME CONSTRAINT users_distributed_username_key TO users_distributed_old_username_key;

-- Rename the old table's index on the username
ALTER INDEX idx_users_distributed_username RENAME TO idx_users_distributed_old_username;

-- Rename the old table's index on the e-mail
ALTER INDEX idx_users_distributed_email RENAME TO idx_users_distributed_old_email;

-- Rename the old table's sequence
ALTER SEQUENCE users_distributed_id_seq RENAME TO users_distributed_old_id_seq;

-- Give the new table's sequence its final name
ALTER SEQUENCE users_distributed_partitioned_id_seq RENAME TO users_distributed_id_seq;

-- Give the NOT NULL constraints their final names (PostgreSQL 18)
-- Since PostgreSQL 18 they are constraints with names, made from the name the table had. Up to 17 the
-- loop finds nothing.
DO $$
DECLARE
    old_name name;
BEGIN
    FOR old_name IN
        SELECT conname FROM pg_constraint WHERE conrelid = 'users_distributed'::regclass AND contype = 'n'
    LOOP
        EXECUTE format('ALTER TABLE users_distributed RENAME CONSTRAINT %I TO %I',
                       old_name, replace(old_name, '_partitioned', ''));
    END LOOP;
END
$$;

-- Build the primary key, with its index in every partition
-- id is the partition key, so PRIMARY KEY (id) is allowed, and it is unique across all partitions: equal
-- ids always meet in the same one.
ALTER TABLE users_distributed ADD CONSTRAINT users_distributed_pkey PRIMARY KEY (id);

-- Declare the index of users_distributed on the username, yet empty
-- Each partition attaches its own below; partitions that come later get theirs by themselves.
CREATE INDEX idx_users_distributed_username ON ONLY users_distributed (username);

-- Declare the index of users_distributed on the e-mail, yet empty
CREATE INDEX idx_users_distributed_email ON ONLY users_distributed (email);

-- Index users_distributed_p0 by username
CREATE INDEX idx_users_distributed_p0_username ON users_distributed_p0 (username);

-- Attach idx_users_distributed_p0_username
ALTER INDEX idx_users_distributed_username ATTACH PARTITION idx_users_distributed_p0_username;

-- Index users_distributed_p0 by e-mail
CREATE INDEX idx_users_distributed_p0_email ON users_distributed_p0 (email);

-- Attach idx_users_distributed_p0_email
ALTER INDEX idx_users_distributed_email ATTACH PARTITION idx_users_distributed_p0_email;

-- Index users_distributed_p1 by username
CREATE INDEX idx_users_distributed_p1_username ON users_distributed_p1 (username);

-- Attach idx_users_distributed_p1_username
ALTER INDEX idx_users_distributed_username ATTACH PARTITION idx_users_distributed_p1_username;

-- Index users_distributed_p1 by e-mail
CREATE INDEX idx_users_distributed_p1_email ON users_distributed_p1 (email);

-- Attach idx_users_distributed_p1_email
ALTER INDEX idx_users_distributed_email ATTACH PARTITION idx_users_distributed_p1_email;

-- Index users_distributed_p2 by username
CREATE INDEX idx_users_distributed_p2_username ON users_distributed_p2 (username);

-- Attach idx_users_distributed_p2_username
ALTER INDEX idx_users_distributed_username ATTACH PARTITION idx_users_distributed_p2_username;

-- Index users_distributed_p2 by e-mail
CREATE INDEX idx_users_distributed_p2_email ON users_distributed_p2 (email);

-- Attach idx_users_distributed_p2_email
ALTER INDEX idx_users_distributed_email ATTACH PARTITION idx_users_distributed_p2_email;

-- Index users_distributed_p3 by username
CREATE INDEX idx_users_distributed_p3_username ON users_distributed_p3 (username);

-- Attach idx_users_distributed_p3_username
ALTER INDEX idx_users_distributed_username ATTACH PARTITION idx_users_distributed_p3_username;

-- Index users_distributed_p3 by e-mail
CREATE INDEX idx_users_distributed_p3_email ON users_distributed_p3 (email);

-- Attach idx_users_distributed_p3_email
ALTER INDEX idx_users_distributed_email ATTACH PARTITION idx_users_distributed_p3_email;

-- Create the side table that keeps usernames unique across partitions
-- One row per user, written by triggers in the transaction that writes the user, so the two cannot differ.
-- It is also an index over all partitions: it leads from a username to the id, and the id to one partition.
CREATE TABLE users_distributed_usernames (
    username VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL
);

-- Fill the side table from the users
INSERT INTO users_distributed_usernames (username, user_id)
SELECT username, id
FROM users_distributed;

-- Build the side table's primary key: the guarantee itself
-- Of two sessions that insert the same username at once, the second waits in this index until the first has
-- ended, then fails with 23505 or goes on: exactly one wins. The constraint has the name that UNIQUE had on
-- the plain table, so the error is the one that applications already know.
ALTER TABLE users_distributed_usernames ADD CONSTRAINT users_distributed_username_key PRIMARY KEY (username);

-- Search only this schema until the commit
-- The two functions below store this path. pg_temp comes last by being named: else a temporary table
-- of the right name would be found first, and any user could slip past the guarantee.
SELECT set_config('search_path', format('%I, pg_temp', current_schema()), true);

-- Create the trigger function that follows inserts, updates and deletes
-- SECURITY DEFINER: whoever may write users need not, and should not, be allowed to write the side table.
-- The new name is a plain INSERT: catching the error to reword it would cost a subtransaction per row.
-- An upsert finds no arbiter: ON CONFLICT (username) is refused on the partitioned table, and ON CONFLICT
-- DO NOTHING skips a known id, not a known username; that one is an error.
CREATE FUNCTION users_distributed_follow_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM users_distributed_usernames WHERE username = OLD.username AND user_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO users_distributed_usernames (username, user_id) VALUES (NEW.username, NEW.id);
    END IF;
    RETURN NULL;
END
$$;

-- Create the trigger function that follows TRUNCATE
-- Row triggers do not see a TRUNCATE. For the whole table all names go; for one partition, those in it.
CREATE FUNCTION users_distributed_follow_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF TG_RELID IN (SELECT partrelid FROM pg_partitioned_table) THEN
        DELETE FROM users_distributed_usernames;
    ELSE
        EXECUTE format('DELETE FROM users_distributed_usernames AS n USING %s AS u'
                       ' WHERE n.username = u.username AND n.user_id = u.id', TG_RELID::regclass);
    END IF;
    RETURN NULL;
END
$$;

-- Let nobody attach the functions to other tables
-- A trigger fires without a check of EXECUTE; the right is needed to create one, and only the owner keeps it.
REVOKE EXECUTE ON FUNCTION users_distributed_follow_row(), users_distributed_follow_truncate() FROM PUBLIC;

-- Follow inserts and deletes, and updates that move a row
-- A row trigger on a partitioned table is cloned to every partition, also to those attached later, so it sees
-- rows that are written to a partition directly. A statement trigger with a transition table sees only what
-- names its own table, and saves little: over 100,000 rows 5 to 6 microseconds a row were measured, against 7.
-- An update of id that moves the row to another partition arrives as a delete and an insert.
-- CREATE TRIGGER takes SHARE ROW EXCLUSIVE on the table and its partitions: writers wait, readers do not.
CREATE TRIGGER users_distributed_follow_row
    AFTER INSERT OR DELETE ON users_distributed
    FOR EACH ROW EXECUTE FUNCTION users_distributed_follow_row();

-- Follow updates, but only those of the username or the id
-- Within one statement the rows follow one another, as in a UNIQUE constraint: an update that swaps two names
-- is refused here as it was on the plain table.
CREATE TRIGGER users_distributed_follow_update
    AFTER UPDATE ON users_distributed
    FOR EACH ROW WHEN (OLD.username <> NEW.username OR OLD.id <> NEW.id)
    EXECUTE FUNCTION users_distributed_follow_row();

-- Follow TRUNCATE of the whole table
CREATE TRIGGER users_distributed_follow_truncate
    BEFORE TRUNCATE ON users_distributed
    FOR EACH STATEMENT EXECUTE FUNCTION users_distributed_follow_truncate();

-- Follow TRUNCATE of p0 by itself
-- Statement triggers are not cloned: each partition needs its own, and so would one attached later.
CREATE TRIGGER users_distributed_follow_truncate
    BEFORE TRUNCATE ON users_distributed_p0
    FOR EACH STATEMENT EXECUTE FUNCTION users_distributed_follow_truncate();

-- Follow TRUNCATE of p1 by itself
CREATE TRIGGER users_distributed_follow_truncate
    BEFORE TRUNCATE ON users_distributed_p1
    FOR EACH STATEMENT EXECUTE FUNCTION users_distributed_follow_truncate();

-- Follow TRUNCATE of p2 by itself
CREATE TRIGGER users_distributed_follow_truncate
    BEFORE TRUNCATE ON users_distributed_p2
    FOR EACH STATEMENT EXECUTE FUNCTION users_distributed_follow_truncate();

-- Follow TRUNCATE of p3 by itself
CREATE TRIGGER users_distributed_follow_truncate
    BEFORE TRUNCATE ON users_distributed_p3
    FOR EACH STATEMENT EXECUTE FUNCTION users_distributed_follow_truncate();

-- Let the new sequence go on where the old one stands
-- A new sequence starts at 1 and its first ids would meet rows that are there: 23505. GREATEST also
-- covers rows that came with ids of their own, past the sequence. The third argument says whether the value
-- has been handed out: an unused sequence of an empty table stays unused and starts with 1.
SELECT setval('users_distributed_id_seq', GREATEST(old_seq.last_value, old_rows.max_id),
              old_seq.is_called OR old_rows.max_id >= old_seq.last_value)
FROM users_distributed_old_id_seq AS old_seq,
     (SELECT COALESCE(max(id), 0) AS max_id FROM users_distributed_old) AS old_rows;

-- Describe the partitioned table
COMMENT ON TABLE users_distributed IS 'Users, spread over four partitions by hash of id';

-- Describe the old table
COMMENT ON TABLE users_distributed_old IS 'The plain table users_distributed as it was before the migration, kept for comparison';

-- Gather statistics for users_distributed and its partitions
-- Autovacuum never analyzes a partitioned table, only its partitions.
ANALYZE users_distributed;

-- Gather statistics for the side table
ANALYZE users_distributed_usernames;

-- Gather statistics for users_distributed_old
-- It is kept for comparison, and a plan that is made without statistics is a guess.
ANALYZE users_distributed_old;
