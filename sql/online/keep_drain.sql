-- Make the function that applies lines of the log to what is kept
CREATE FUNCTION :drain(partdemo_most bigint) RETURNS bigint LANGUAGE plpgsql
    SET enable_seqscan = off AS :'drain_body';
