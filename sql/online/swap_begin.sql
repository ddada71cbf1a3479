-- Lock the partitioned table, then its partitions: always in this order
BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL lock_timeout = :lock_timeout;

SET LOCAL statement_timeout = :statement_timeout;

LOCK TABLE ONLY :parent IN ACCESS EXCLUSIVE MODE;

LOCK TABLE ONLY :locked IN ACCESS EXCLUSIVE MODE;

-- See that nobody altered the partition, its triggers or its columns
SELECT partdemo.insist(r.mark = partdemo.mark(r.sources, r.parent), 'PD001', :'altered')
FROM partdemo.runs AS r WHERE r.id = :run;

-- See that nothing came to hang on it since these statements were made for it
SELECT partdemo.insist(partdemo.hangs(r.sources, r.parent) = current_setting('partdemo.hangs'), 'PD002',
                       'something was given to the table just now')
FROM partdemo.runs AS r WHERE r.id = :run;

-- See that little is left to do
SELECT partdemo.insist(count(*) < :most, 'PD002', 'too many changes to apply under the lock')
FROM (SELECT FROM :log LIMIT :most) AS lines;

-- Apply what is left of the log: nobody can write any more
SELECT :drain(:most);

-- See that no transaction sits on a snapshot from before the last changes were applied
-- One that has used the table cannot, as it would hold a lock; one that waits for a lock takes a new snapshot. Neither
-- can one that is a single statement: there is always such a one, and what it reads it has opened already.
SELECT partdemo.insist(count(*) = 0, 'PD002', 'a session holds an older snapshot')
FROM pg_stat_activity AS a
WHERE a.backend_xmin IS NOT NULL AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND (a.state = 'idle in transaction'
       OR age(a.backend_xmin) >= age(current_setting('partdemo.applied')::xid8::xid)
          AND a.xact_start < a.query_start AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
          AND NOT EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND NOT l.granted));

-- See that there is time left for the rest
SELECT partdemo.insist(clock_timestamp() - transaction_timestamp() < :'budget'::interval, 'PD002',
                       'the locks took too long');
