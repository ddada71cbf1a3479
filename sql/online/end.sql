-- Drop the private table
DROP TABLE IF EXISTS :router;

-- Drop the places of what was taken out
DROP SCHEMA IF EXISTS :old;

DROP SCHEMA IF EXISTS :undone;

-- Drop the log and its functions
DROP TABLE IF EXISTS :log;

DROP FUNCTION IF EXISTS :capture();

DROP FUNCTION IF EXISTS :guard();

DROP FUNCTION IF EXISTS :drain_forth(bigint);

DROP FUNCTION IF EXISTS :drain_back(bigint);

-- Forget the run
DELETE FROM partdemo.runs WHERE id = :run;
