-- Detach February
-- The split as textbooks have it: detach, create, insert, drop, in one transaction. PostgreSQL up to 18 has no
-- command for it. DETACH takes ACCESS EXCLUSIVE on the table, the partition and the default one, and from here to the
-- commit everybody waits who reads or writes race.textbook, whichever partition they want.
ALTER TABLE race.textbook DETACH PARTITION race.textbook_2024_02;

-- Create week 1, 02-01 to 02-08
-- Each CREATE scans the default partition for rows that belong to the new one.
CREATE TABLE race.textbook_2024_02_week1 PARTITION OF race.textbook
    FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');

-- Create week 2, 02-08 to 02-15
CREATE TABLE race.textbook_2024_02_week2 PARTITION OF race.textbook
    FOR VALUES FROM ('2024-02-08') TO ('2024-02-15');

-- Create week 3, 02-15 to 02-22
CREATE TABLE race.textbook_2024_02_week3 PARTITION OF race.textbook
    FOR VALUES FROM ('2024-02-15') TO ('2024-02-22');

-- Create week 4, 02-22 to 03-01
CREATE TABLE race.textbook_2024_02_week4 PARTITION OF race.textbook
    FOR VALUES FROM ('2024-02-22') TO ('2024-03-01');

-- Insert February's rows again, each into its week
-- This is what takes long, under the lock.
INSERT INTO race.textbook SELECT * FROM race.textbook_2024_02;

-- Drop the old partition
DROP TABLE race.textbook_2024_02;
