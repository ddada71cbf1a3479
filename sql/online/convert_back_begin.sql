-- Lock the table and its partitions, and back out rather than let others wait
BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL lock_timeout = :lock_timeout;

SET LOCAL statement_timeout = :statement_timeout;

LOCK TABLE :final IN ACCESS EXCLUSIVE MODE;
