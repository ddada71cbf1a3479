-- Create a schema for the two copies
CREATE SCHEMA race;

-- Mark it, so that the next race knows that it may drop it
COMMENT ON SCHEMA race IS 'made by partdemo run race';

-- Create the copy for the textbook split, by month of created_at
CREATE TABLE race.textbook (
    id BIGSERIAL,
    event_type VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    event_data JSONB,
    ip_address INET,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

-- Index it by type, each partition too
CREATE INDEX textbook_event_type ON race.textbook (event_type);

-- Index it by user
CREATE INDEX textbook_user_id ON race.textbook (user_id);

-- Create the partition of January
CREATE TABLE race.textbook_2024_01 PARTITION OF race.textbook FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');

-- Create the partition of February
CREATE TABLE race.textbook_2024_02 PARTITION OF race.textbook FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');

-- Create the partition of March
CREATE TABLE race.textbook_2024_03 PARTITION OF race.textbook FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');

-- Create the default partition, for April
CREATE TABLE race.textbook_default PARTITION OF race.textbook DEFAULT;

-- Create the copy for the online split, by month of created_at
CREATE TABLE race.online (
    id BIGSERIAL,
    event_type VARCHAR(50) NOT NULL,
    user_id INTEGER NOT NULL,
    event_data JSONB,
    ip_address INET,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

-- Index it by type, each partition too
CREATE INDEX online_event_type ON race.online (event_type);

-- Index it by user
CREATE INDEX online_user_id ON race.online (user_id);

-- Create the partition of January
CREATE TABLE race.online_2024_01 PARTITION OF race.online FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');

-- Create the partition of February
CREATE TABLE race.online_2024_02 PARTITION OF race.online FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');

-- Create the partition of March
CREATE TABLE race.online_2024_03 PARTITION OF race.online FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');

-- Create the default partition, for April
CREATE TABLE race.online_default PARTITION OF race.online DEFAULT;
