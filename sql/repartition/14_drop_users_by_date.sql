-- Lock users_by_date until the commit
-- This file undoes 13_migrate_strategy.sql. The users themselves are in users_distributed.
LOCK TABLE users_by_date IN ACCESS EXCLUSIVE MODE;

-- Refuse to be shown a part of the rows only
SET LOCAL row_security = off;

-- Refuse if users_by_date has users of its own
-- The migration made a copy. A user that was added to the copy alone would be lost with it. The id does not tell: each
-- table has a sequence, and both go on from the same number. The same user has one of the names too.
DO $$
DECLARE
    missing bigint;
    first_ones text;
BEGIN
    SELECT count(*), string_agg(format('%s (%s)', id, username), ', ' ORDER BY id) FILTER (WHERE nth <= 5)
    INTO missing, first_ones
    FROM (
        SELECT d.id, d.username, row_number() OVER (ORDER BY d.id) AS nth
        FROM users_by_date AS d
        WHERE NOT EXISTS (
            SELECT FROM users_distributed AS u
            WHERE u.id = d.id AND (u.username = d.username OR u.email = d.email)
        )
    ) AS own;
    IF missing > 0 THEN
        RAISE EXCEPTION 'users_by_date has % users that users_distributed has not, by id and name: %',
            missing, first_ones || CASE WHEN missing > 5 THEN ', ...' ELSE '' END
            USING HINT = 'Copy them to users_distributed, with new ids where theirs are taken, and delete them from users_by_date; then run it again.';
    END IF;
END
$$;

-- Drop the table with its partitions and its sequence
DROP TABLE users_by_date;
