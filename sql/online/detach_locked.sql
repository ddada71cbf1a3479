-- Detach under a lock, as a default partition forbids CONCURRENTLY
-- The partitioned table first, then its partitions, and back out rather than let others wait.
BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL lock_timeout = :lock_timeout;

SET LOCAL statement_timeout = :statement_timeout;

LOCK TABLE ONLY :parent IN ACCESS EXCLUSIVE MODE;

LOCK TABLE ONLY :source, ONLY :default_partition IN ACCESS EXCLUSIVE MODE;

ALTER TABLE :parent DETACH PARTITION :source;

UPDATE partdemo.runs SET phase = 'detached' WHERE id = :run;

COMMIT;
