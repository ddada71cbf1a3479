-- Build the partition of July aside: nobody waits for it
CREATE TABLE measurements_2024_07 (LIKE measurements INCLUDING DEFAULTS INCLUDING CONSTRAINTS);

-- Attach it: reads and writes of measurements go on
ALTER TABLE measurements ATTACH PARTITION measurements_2024_07
    FOR VALUES FROM ('2024-07-01') TO ('2024-08-01');
