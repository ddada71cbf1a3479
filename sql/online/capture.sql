-- Make the place for what the swap takes out
CREATE SCHEMA IF NOT EXISTS :old;

-- Make the log of changed keys
-- Lines are taken out once they are applied. Nothing is said about their order: a line of a lower number can
-- be committed later.
CREATE TABLE :log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    :key_definitions
);

-- Make the function that notes the key of each row that changes
-- It runs as its owner, so whoever may write to the partition needs no privilege on the log.
CREATE FUNCTION :capture() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS :'capture_body';

-- Make the function that applies lines of the log
-- The key's index is the way to each row, also while the tables are small or nobody has analyzed them.
CREATE FUNCTION :drain(partdemo_most bigint) RETURNS bigint LANGUAGE plpgsql
    SET enable_seqscan = off AS :'drain_body';

-- Make the function that refuses TRUNCATE
-- A row trigger does not see it, and the copies would bring the rows back.
CREATE FUNCTION :guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'partdemo is moving the rows of %.%: TRUNCATE is refused until it has ended',
        quote_ident(TG_TABLE_SCHEMA), quote_ident(TG_TABLE_NAME)
        USING ERRCODE = 'object_in_use', HINT = 'DELETE works; SELECT * FROM partdemo.runs shows the run.';
END
$$;
