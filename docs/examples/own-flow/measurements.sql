-- Create measurements, partitioned by month of taken_at
CREATE TABLE measurements (
    sensor INTEGER NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    value NUMERIC(8, 2) NOT NULL
) PARTITION BY RANGE (taken_at);

-- Create the partition of May 2024
CREATE TABLE measurements_2024_05 PARTITION OF measurements
    FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');

-- Create the partition of June 2024
CREATE TABLE measurements_2024_06 PARTITION OF measurements
    FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');

-- Index it: the partitions, also those to come, get the index by themselves
CREATE INDEX measurements_by_sensor ON measurements (sensor, taken_at);
