-- Lock users_by_date until the commit
-- This file undoes 13_migrate_strategy.sql. The users themselves are in users_distributed.
LOCK TABLE users_by_date IN ACCESS EXCLUSIVE MODE;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Refuse if users_by_date has users of its own
-- The migration made a copy. A user that was added to the copy alone would be lost with it.
DO $$
DECLARE
    missing bigint;
BEGIN
    SELECT count(*) INTO missing
    FROM users_by_date AS d
    WHERE NOT EXISTS (SELECT FROM users_distributed AS u WHERE u.id = d.id);
    IF missing > 0 THEN
        RAISE EXCEPTION 'users_by_date has % users whose id is not in users_distributed', missing
            USING HINT = 'Copy them to users_distributed, or delete them from users_by_date, and run it again.';
    END IF;
END
$$;

-- Drop the table with its partitions and its sequence
DROP TABLE users_by_date;
