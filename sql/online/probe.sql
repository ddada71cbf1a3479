-- Make the table in which small writes are timed while rows are copied
-- It has no index and is only added to, so a write costs the same however many there were and whatever old
-- snapshots keep. It goes with the last run: nobody has to vacuum it before.
CREATE TABLE IF NOT EXISTS partdemo.probe (at timestamptz NOT NULL DEFAULT clock_timestamp())
WITH (autovacuum_enabled = off);
