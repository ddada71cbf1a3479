-- Wait for those who write to the table, and let nobody begin
-- Several partitions get their triggers in one transaction. A writer that moves a row from one of them to another
-- would meet the locks on them in its own order, a deadlock; it holds a lock on the table first.
LOCK TABLE ONLY :parent IN SHARE ROW EXCLUSIVE MODE;
