-- Refuse TRUNCATE
CREATE TRIGGER :guard_name BEFORE TRUNCATE ON :source FOR EACH STATEMENT EXECUTE FUNCTION :guard();

-- Refuse it from replication, too
ALTER TABLE :source ENABLE ALWAYS TRIGGER :guard_name;
