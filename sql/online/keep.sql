-- End the capture of changes of the old partition: nobody but the run can write to it now
DROP TRIGGER :capture_name ON :kept;

DROP TRIGGER :guard_name ON :kept;

-- Let its own triggers rest while the run brings it up to date
ALTER TABLE :kept DISABLE TRIGGER USER;

-- Promise by a CHECK what its bound demanded, so that it can come back without a scan
ALTER TABLE :kept ADD CONSTRAINT partdemo_bound CHECK (:constraint);

-- Let the private table send rows to it
ALTER TABLE :router ATTACH PARTITION :kept :bound;
