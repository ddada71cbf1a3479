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
            USING HINT = 'Copy them to users_distributed, with new ids where theirs are taken, '
                || 'and delete them from users_by_date; then run it again.';
    END IF;
END
$$;

-- Refuse if somebody added something to it
-- Indexes, triggers, constraints, comments and privileges would go with it and without a word. Privileges that
-- users_distributed gives too are no loss.
DO $$
DECLARE
    added text;
BEGIN
    WITH t AS (
        SELECT c.oid, c.relacl, c.relowner
        FROM pg_partition_tree('users_by_date') AS p JOIN pg_class AS c ON c.oid = p.relid
    )
    SELECT string_agg(what, ', ' ORDER BY what) INTO added
    FROM (
        SELECT 'index ' || i.indexrelid::regclass AS what
        FROM t
        JOIN pg_index AS i ON i.indrelid = t.oid
        JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE NOT c.relispartition AND c.relname NOT IN ('users_by_date_key', 'idx_users_by_date_username', 'idx_users_by_date_email',
                                'users_by_date_default_no_date')
        UNION ALL
        SELECT format('trigger %I on %s', g.tgname, t.oid::regclass)
        FROM t JOIN pg_trigger AS g ON g.tgrelid = t.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT format('constraint %I on %s', k.conname, t.oid::regclass)
        FROM t JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype IN ('c', 'f')
            AND k.conislocal AND k.coninhcount = 0
        UNION ALL
        SELECT format('comment on %s', pg_describe_object(d.classoid, d.objoid, d.objsubid))
        FROM t
        JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = t.oid
        WHERE d.objsubid > 0 OR t.oid <> 'users_by_date'::regclass
        UNION ALL
        SELECT DISTINCT format('privileges of %s on %s',
                               CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, t.oid::regclass)
        FROM t
        CROSS JOIN aclexplode(t.relacl) AS a
        WHERE a.grantee <> t.relowner
            AND NOT EXISTS (
                SELECT FROM pg_class AS o CROSS JOIN aclexplode(o.relacl) AS b
                WHERE o.oid = 'users_distributed'::regclass AND b.grantee = a.grantee AND b.privilege_type = a.privilege_type
            )
            AND NOT EXISTS (SELECT FROM pg_default_acl AS f WHERE f.defaclrole = t.relowner AND f.defaclobjtype = 'r')
    ) AS all_added;
    IF added IS NOT NULL THEN
        RAISE EXCEPTION 'users_by_date has something that was added to it and would be lost: %', added
            USING HINT = 'Note what is to be kept, remove it, and run it again.';
    END IF;
END
$$;

-- Drop the table with its partitions and its sequence
DROP TABLE users_by_date;
