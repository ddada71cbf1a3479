-- Refuse TRUNCATE
CREATE TRIGGER :guard_name BEFORE TRUNCATE ON :source FOR EACH STATEMENT EXECUTE FUNCTION :guard();

-- Capture
-- CREATE TRIGGER waits for the transactions that write to the partition, so each of their changes is either
-- there for the first batch to see or in the log.
CREATE TRIGGER :capture_name AFTER INSERT OR UPDATE OR DELETE ON :source FOR EACH ROW EXECUTE FUNCTION :capture();

-- Capture changes that replication applies, too
ALTER TABLE :source ENABLE ALWAYS TRIGGER :capture_name;

-- The same for the guard
ALTER TABLE :source ENABLE ALWAYS TRIGGER :guard_name;
