-- Capture
-- The lock was waited for until the transactions that wrote to the table had ended, so each of their changes is
-- either there for the first batch to see or in the log. Partitions get the trigger from the table above them.
CREATE TRIGGER :capture_name AFTER INSERT OR UPDATE OR DELETE ON :source FOR EACH ROW EXECUTE FUNCTION :capture();

-- Capture changes that replication applies, too
ALTER TABLE :source ENABLE ALWAYS TRIGGER :capture_name;
