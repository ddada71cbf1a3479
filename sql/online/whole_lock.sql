-- Wait for those who write to the table or to a partition of it, and let nobody begin
-- Each of the locks is waited for by itself; all of them have to be there in time.
SET LOCAL statement_timeout = :statement_timeout;

LOCK TABLE :source IN SHARE ROW EXCLUSIVE MODE;

SET LOCAL statement_timeout = 0;
