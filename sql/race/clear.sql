-- Refuse to drop a schema of the same name that is somebody else's
-- The race marks its own by a comment.
DO $$
BEGIN
    IF to_regnamespace('race') IS NOT NULL
        AND obj_description(to_regnamespace('race'), 'pg_namespace') IS DISTINCT FROM 'made by partdemo run race'
    THEN
        RAISE EXCEPTION 'the schema race was not made by the race, so it is not dropped'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'The race needs a database that has no other schema of this name.';
    END IF;
END
$$;

-- Drop its tables
-- Without CASCADE: a view or a foreign key of somebody else stops it, and nothing is dropped. Partitions go with
-- their table; one that an interrupted run had detached is a table by itself.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace = to_regnamespace('race') AND relkind IN ('r', 'p') AND NOT relispartition
    LOOP
        EXECUTE format('DROP TABLE %s', name);
    END LOOP;
END
$$;

-- Drop the schema
DROP SCHEMA IF EXISTS race;
