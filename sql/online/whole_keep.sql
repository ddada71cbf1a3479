-- End the capture of changes of the old table: nobody but the run can write to it now
DROP TRIGGER :capture_name ON :kept;
