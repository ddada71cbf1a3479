#!/usr/bin/env bats
# `partdemo run add|split|detach|migrate|cleanup`: what is there afterwards, told by psql and plain SQL alone.

bats_require_minimum_version 1.5.0
load ../lib
load ../repartition

setup_file() {
    repartition_start
    mkdir "$PG_TEST_DIR/work"
    copy_of loaded all
    cd "$PG_TEST_DIR/work" || return
    local name
    for name in add split detach migrate; do
        partdemo run -q "$name"
    done
    sql -d postgres "ALTER DATABASE $PGDATABASE RENAME TO changed"
}

teardown_file() { pg_stop; }

setup() { cd "$PG_TEST_DIR/work" || return; }

teardown() { drop_copies; }

# does SCENARIO OUTCOME: it ends with 0 and says that it is "done" or "already done".
does() {
    run_partdemo run -q "$1"
    exited 0 || return
    has "$output" "$1: $2"
}

# refuses CODE SCENARIO PART...: it ends with that code, says the parts, and nothing was written.
refuses() {
    local before
    before=$(fingerprint)
    run_partdemo run "$2"
    exited "$1" || return
    has "$stderr" "${@:3}" || return
    diff <(echo "$before") <(fingerprint)
}

@test "each scenario after setup, twice: done, then already done and nothing is written" {
    local name before
    for name in add split detach migrate; do
        copy_of loaded "_$name"
        does "$name" "done"
        rows_are_in_their_leaves
        [[ $name == detach ]] || all_rows_are_there
        before=$(fingerprint)
        does "$name" "already done"
        does setup "already done"
        diff <(echo "$before") <(fingerprint)
        sql "$LATER_ROWS"
        does cleanup "done"
        all_rows_are_there later
        rows_are_in_their_leaves
        diff <(schema_of loaded) <(schema)
        does cleanup "already done"
    done
}

@test "cleanup after setup: already done, nothing is written" {
    copy_of loaded
    local before
    before=$(fingerprint)
    does cleanup "already done"
    diff <(echo "$before") <(fingerprint)
}

@test "all of them, rows loaded since, cleanup: the schema of the setup and every row; and all again" {
    copy_of changed
    local name
    sql "$LATER_ROWS"
    does cleanup "done"
    diff <(schema_of loaded) <(schema)
    all_rows_are_there later
    rows_are_in_their_leaves
    for name in migrate detach split add cleanup; do
        does "$name" "done"
    done
    diff <(schema_of loaded) <(schema)
    all_rows_are_there later
}

@test "partdemo undoes what psql did, and the other way round" {
    copy_of loaded
    run_files 10 11 12 13
    does split "already done"
    does cleanup "done"
    diff <(schema_of loaded) <(schema)
    copy_of changed b
    run_files 14_cleanup
    does cleanup "already done"
    diff <(schema_of loaded) <(schema)
}

@test "the simulator's load goes on after every scenario, and cleanup keeps its rows" {
    copy_of changed
    local events users
    run_partdemo run load --max --ops 300
    exited 0
    events=$(sql "SELECT count(*) FROM event_logs")
    users=$(sql "SELECT count(*) FROM users_distributed")
    does cleanup "done"
    rows_are_in_their_leaves
    is "$((events + $(sql -d changed 'SELECT count(*) FROM event_logs_archive')))|$users" \
        "SELECT (SELECT count(*) FROM event_logs), (SELECT count(*) FROM users_distributed)"
}

@test "without setup: exit 4, and it is said that setup provides what is missing" {
    fresh_db "t${BATS_TEST_NUMBER}"
    local name
    for name in add split detach migrate cleanup; do
        refuses 4 "$name" "$name needs setup" "'partdemo run setup' provides it."
    done
}

@test "setup --reset drops what the scenarios made too" {
    copy_of changed
    run_partdemo run setup --reset --yes -q
    exited 0
    setup_is_whole
    diff <(schema_of loaded) <(schema)
}

@test "setup --reset drops partitions that were detached, and no table of such a name that is somebody else's" {
    copy_of loaded
    local pair
    for pair in event_logs:event_logs_2024_03 users_distributed:users_distributed_p2 orders_by_region:orders_other \
        sales_2024_q1:sales_2024_q1_clothing; do
        sql "ALTER TABLE ${pair%:*} DETACH PARTITION ${pair#*:}"
    done
    sql "ALTER TABLE sales_data DETACH PARTITION sales_2024_q2"
    run_partdemo run setup --reset --yes -q
    exited 0
    setup_is_whole
    diff <(schema_of loaded) <(schema)
    sql "ALTER TABLE event_logs DETACH PARTITION event_logs_2024_03; DROP TABLE event_logs_2024_03;
         CREATE TABLE event_logs_2024_03 AS SELECT 7 AS id, 'mine' AS event_type, 1 AS user_id, NULL AS event_data,
             NULL AS ip_address, now() AS created_at"
    run_partdemo run setup --reset --yes -q
    exited 1
    is "7|mine" "SELECT id, event_type FROM event_logs_2024_03"
}

@test "what a partition has of its own is named, and nothing is done: split, detach and cleanup" {
    copy_of loaded
    sql "CREATE INDEX mine ON event_logs_2024_02 (ip_address); COMMENT ON TABLE event_logs_2024_02 IS 'mine';
         GRANT SELECT ON event_logs_2024_01 TO PUBLIC; CREATE VIEW theirs AS SELECT 1 AS one FROM event_logs_2024_01"
    refuses 4 split "split cannot start" "index mine" "a comment on table event_logs_2024_02" "noted and removed"
    refuses 4 detach "detach cannot start" "privileges {" "view theirs" "noted and removed"
    does add "done"
    sql "ALTER TABLE event_logs_2024_04 SET (fillfactor = 70)"
    refuses 4 cleanup "cleanup cannot start" "storage parameters {fillfactor=70}"
    sql "ALTER TABLE event_logs_2024_04 RESET (fillfactor)"
    does cleanup "done"
}

@test "privileges on all tables do not stop a scenario, the weeks have February's, and cleanup restores them" {
    copy_of loaded
    sql "DROP ROLE IF EXISTS app, auditor; CREATE ROLE app; CREATE ROLE auditor; CREATE ROLE \"odd Role\";
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO app;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC; GRANT UPDATE ON event_logs_2024_02 TO auditor;
         GRANT DELETE ON event_logs_2024_02 TO \"odd Role\" WITH GRANT OPTION;
         ALTER DEFAULT PRIVILEGES GRANT TRUNCATE ON TABLES TO auditor"
    local before scenario
    before=$(schema)
    for scenario in add split detach migrate; do
        does "$scenario" "done"
    done
    is "event_logs_2024_02_week1|t|t|t|f|t
event_logs_2024_02_week2|t|t|t|f|t
event_logs_2024_02_week3|t|t|t|f|t
event_logs_2024_02_week4|t|t|t|f|t" "SELECT relname, has_table_privilege('app', oid, 'INSERT'),
            has_table_privilege('auditor', oid, 'UPDATE'),
            has_table_privilege('odd Role', oid, 'DELETE WITH GRANT OPTION'),
            has_table_privilege('auditor', oid, 'TRUNCATE'),
            has_table_privilege('auditor', oid, 'SELECT')
        FROM pg_class WHERE relname ~ '^event_logs_2024_02_week.$' ORDER BY 1"
    sql "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO app; REVOKE ALL ON event_logs_2024_04 FROM auditor;
         GRANT SELECT ON event_logs_2024_04 TO PUBLIC; REVOKE INSERT ON event_logs_2024_02_week3 FROM app"
    refuses 4 cleanup "event_logs_2024_02_week3 has nothing of its own" "privileges {" "unlike event_logs_2024_02_week1"
    sql "GRANT INSERT ON event_logs_2024_02_week3 TO app"
    does cleanup "done"
    diff <(echo "$before") <(schema)
    sql "ALTER DEFAULT PRIVILEGES REVOKE TRUNCATE ON TABLES FROM auditor"
}

@test "a view of the same name that is found first is named with its schema" {
    copy_of loaded
    sql "CREATE SCHEMA mine; CREATE VIEW mine.event_logs AS SELECT 1 AS one"
    export PGOPTIONS="-c search_path=mine,public"
    refuses 4 split "it is not partitioned: mine.event_logs is a view"
    refuses 4 cleanup "it is not partitioned: mine.event_logs is a view"
}

@test "users that were added to users_by_date alone stop cleanup, also with an id that another user has got" {
    copy_of loaded
    does migrate "done"
    # Two sequences give out the same numbers.
    sql "SELECT setval('users_distributed_id_seq', 5000), setval('users_by_date_id_seq', 5000);
         INSERT INTO users_distributed (username, email) VALUES ('here', 'h');
         INSERT INTO users_by_date (username, email) VALUES ('there', 't')" >/dev/null
    refuses 1 cleanup "users_by_date has 1 users that users_distributed has not" "5001 (there)" "Copy them"
    sql "UPDATE users_distributed SET username = 'renamed' WHERE id = (SELECT min(id) FROM users_distributed);
         DELETE FROM users_by_date WHERE username = 'there'"
    does cleanup "done"
}

@test "what was added to the archive or to users_by_date stops cleanup, by name; privileges that are everywhere do not" {
    copy_of loaded
    does detach "done"
    does migrate "done"
    sql "DROP ROLE IF EXISTS reader; CREATE ROLE reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC"
    local statement
    while read -r statement; do
        copy_of "t$BATS_TEST_NUMBER" x
        sql "$statement"
        run_partdemo run cleanup -q
        exited 1
        has "$stderr" "something that was added to it and would be lost: " "run it again"
        sql "SELECT FROM users_by_date" >/dev/null
        sql -d postgres "DROP DATABASE $PGDATABASE"
    done <<'SQL'
CREATE INDEX mine ON event_logs_archive (user_id)
ALTER TABLE event_logs_archive ADD CONSTRAINT mine CHECK (id > 0)
COMMENT ON COLUMN event_logs_archive.id IS 'mine'
GRANT INSERT ON event_logs_archive TO reader
CREATE INDEX mine ON users_by_date (country_code)
CREATE INDEX mine ON users_by_date_2024_q1 (country_code)
CREATE TRIGGER mine BEFORE TRUNCATE ON users_by_date EXECUTE FUNCTION suppress_redundant_updates_trigger()
ALTER TABLE users_by_date ADD CONSTRAINT mine CHECK (id > 0)
COMMENT ON TABLE users_by_date_2024_q1 IS 'mine'
GRANT SELECT ON users_by_date TO reader
SQL
    copy_of "t$BATS_TEST_NUMBER" y
    does cleanup "done"
}

@test "a tablespace of all tables is kept, and a default_tablespace that came later is not used" {
    local dir=$PG_TEST_DIR/space before
    [[ -d $dir ]] || { mkdir "$dir" && { ((EUID != 0)) || chown postgres: "$dir"; }; }
    sql -d postgres "DROP TABLESPACE IF EXISTS space"
    sql -d postgres "CREATE TABLESPACE space LOCATION '$dir'"
    copy_of loaded
    sql "ALTER DATABASE $PGDATABASE SET default_tablespace = space"
    for scenario in add split detach migrate cleanup; do
        does "$scenario" "done"
    done
    diff <(schema_of loaded) <(schema)
    is "" "SELECT relname FROM pg_class WHERE reltablespace = (SELECT oid FROM pg_tablespace WHERE spcname = 'space')"
    fresh_db "${PGDATABASE}b"
    sql -d postgres "ALTER DATABASE $PGDATABASE SET default_tablespace = space"
    does setup "done"
    before=$(schema)
    sql -d postgres "ALTER DATABASE $PGDATABASE RESET default_tablespace"
    for scenario in add split; do
        does "$scenario" "done"
    done
    is "r|5
i|15" "SELECT relkind, count(*) FROM pg_class WHERE relname ~ '2024_(04|02_week.)' AND relkind IN ('r', 'i')
               AND reltablespace = (SELECT oid FROM pg_tablespace WHERE spcname = 'space') GROUP BY 1 ORDER BY 2"
    does detach "done"
    does cleanup "done"
    diff <(echo "$before") <(schema)
    export PGDATABASE=postgres
    sql "DROP DATABASE t${BATS_TEST_NUMBER}b WITH (FORCE)"
    sql "DROP DATABASE t$BATS_TEST_NUMBER WITH (FORCE)"
    sql "DROP TABLESPACE space"
}

@test "privileges that a role other than the owner granted are not carried over: split refuses" {
    copy_of loaded
    sql "DROP ROLE IF EXISTS lender; CREATE ROLE lender; GRANT SELECT ON event_logs_2024_02 TO lender WITH GRANT OPTION;
         SET ROLE lender; GRANT SELECT ON event_logs_2024_02 TO PUBLIC"
    refuses 4 split "privileges that lender granted, not its owner"
}

@test "nothing_own: each kind of thing that would be lost is found, one at a time; what comes from the parent is not" {
    copy_of loaded
    cat >own.lua <<'LUA'
local check = require "partdemo.check"
return { summary = "x", steps = {}, after = { check.nothing_own "event_logs_2024_02" } }
LUA
    local p=event_logs_2024_02 statement
    sql "DELETE FROM event_logs WHERE ip_address IS NULL; CREATE PUBLICATION pub; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    while read -r statement; do
        copy_of "t${BATS_TEST_NUMBER}" x
        sql "SET client_min_messages = error; $statement"
        run_partdemo run own.lua
        [[ $status == 4 ]] || { echo "not found: $statement" >&2; return 1; }
        sql -d postgres "DROP DATABASE $PGDATABASE"
    done <<SQL
CREATE INDEX ON $p (ip_address)
CREATE UNIQUE INDEX ON $p (id, created_at)
ALTER TABLE $p ADD CHECK (id > 0)
ALTER TABLE $p ADD FOREIGN KEY (id, created_at) REFERENCES event_logs_2024_03 NOT VALID
CREATE TABLE r (id bigint, at timestamp, FOREIGN KEY (id, at) REFERENCES $p)
CREATE TRIGGER t BEFORE UPDATE ON $p FOR EACH ROW EXECUTE FUNCTION f()
CREATE RULE r AS ON DELETE TO $p DO ALSO NOTIFY x
CREATE POLICY q ON $p
CREATE STATISTICS s ON id, user_id FROM $p
CREATE VIEW v AS SELECT 1 AS one FROM $p
CREATE FUNCTION g($p) RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE TABLE r (x $p)
ALTER PUBLICATION pub ADD TABLE $p
GRANT SELECT ON $p TO PUBLIC
GRANT SELECT (id) ON $p TO PUBLIC
COMMENT ON TABLE $p IS 'c'
COMMENT ON COLUMN $p.id IS 'c'
COMMENT ON INDEX ${p}_pkey IS 'c'
ALTER TABLE $p SET (autovacuum_enabled = off)
ALTER TABLE $p SET (toast.autovacuum_enabled = off)
ALTER TABLE $p ALTER id SET STATISTICS 500
ALTER TABLE $p ALTER id SET (n_distinct = -1)
ALTER TABLE $p ALTER event_data SET STORAGE external
ALTER TABLE $p ALTER event_type SET DEFAULT 'x'
ALTER TABLE $p ALTER ip_address SET NOT NULL
ALTER TABLE $p REPLICA IDENTITY FULL
ALTER TABLE $p ENABLE ROW LEVEL SECURITY
SQL
    copy_of "t${BATS_TEST_NUMBER}" y
    sql "CREATE TABLE r (id bigint, at timestamp, FOREIGN KEY (id, at) REFERENCES event_logs);
         ALTER TABLE event_logs ADD CHECK (id > 0), ADD FOREIGN KEY (id, created_at) REFERENCES event_logs,
             ALTER ip_address SET DEFAULT '::1', ADD note text DEFAULT 'n';
         CREATE INDEX ON event_logs (ip_address); GRANT SELECT ON event_logs TO PUBLIC;
         CREATE TRIGGER t AFTER UPDATE ON event_logs FOR EACH ROW EXECUTE FUNCTION f();
         CREATE VIEW v AS SELECT * FROM event_logs; ALTER PUBLICATION pub ADD TABLE event_logs;
         CREATE STATISTICS s ON id, user_id FROM event_logs; COMMENT ON TABLE event_logs IS 'c'"
    run_partdemo run own.lua
    exited 0
}

@test "a partition that is missing or another table in its place: exit 4, and what brings it back" {
    copy_of loaded
    sql "ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02; CREATE TABLE event_logs_2024_04 (mine int);
         CREATE TABLE users_by_date (mine int)"
    refuses 4 split "event_logs_2024_02 is a partition of event_logs" "it is not a partition" "'partdemo run cleanup'"
    refuses 4 add "event_logs_2024_04 does not exist: it exists" "another name"
    refuses 4 migrate "users_by_date does not exist: it exists" "another name"
}

@test "a role that does not own the tables: one message, exit 1, nothing is changed" {
    copy_of changed
    stopped() {
        local before
        before=$(fingerprint)
        PGUSER=guest run_partdemo run "$1"
        exited 1 &&
            has "$stderr" 42501 "permission denied" "The file was rolled back" &&
            diff <(echo "$before") <(fingerprint)
    }
    sql "CREATE ROLE guest LOGIN; GRANT ALL ON event_logs, event_logs_archive, users_distributed, users_by_date TO guest;
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guest"
    stopped cleanup
    run_files 14_cleanup
    local name
    for name in add split detach migrate; do
        stopped "$name"
    done
    sql "DROP OWNED BY guest; DROP ROLE guest"
}

@test "a role that owns its database can do all of it" {
    sql -d postgres "CREATE ROLE plain_owner LOGIN"
    sql -d postgres "CREATE DATABASE t${BATS_TEST_NUMBER} OWNER plain_owner TEMPLATE template0"
    export PGDATABASE=t${BATS_TEST_NUMBER} PGUSER=plain_owner
    local name before
    partdemo run -q setup
    before=$(schema)
    for name in add split detach migrate cleanup; do
        does "$name" "done"
    done
    diff <(echo "$before") <(schema)
    export PGUSER=postgres
}

@test "a column that event_logs was given: every scenario works, and is done afterwards" {
    copy_of loaded
    sql "ALTER TABLE event_logs ADD note text; UPDATE event_logs SET note = id"
    local name
    for name in add split detach; do
        does "$name" "done"
        does "$name" "already done"
    done
    does cleanup "done"
    is 0 "SELECT count(*) FROM event_logs WHERE note IS DISTINCT FROM id::text"
}

@test "a partition of the user's own stays, and is in nobody's way" {
    copy_of loaded
    sql "BEGIN; CREATE TABLE may (LIKE event_logs); ALTER TABLE event_logs DETACH PARTITION event_logs_default;
         INSERT INTO may SELECT * FROM event_logs_default WHERE created_at >= '2024-05-01' AND created_at < '2024-06-01';
         DELETE FROM event_logs_default WHERE created_at >= '2024-05-01' AND created_at < '2024-06-01';
         ALTER TABLE event_logs ATTACH PARTITION may FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
         ALTER TABLE event_logs ATTACH PARTITION event_logs_default DEFAULT; COMMIT"
    local name before
    before=$(schema)
    does setup "already done"
    for name in split detach add migrate cleanup; do
        does "$name" "done"
        rows_are_in_their_leaves
    done
    diff <(echo "$before") <(schema)
    all_rows_are_there
}

@test "a file that fails half-way leaves nothing, and says where" {
    copy_of loaded
    # A view that appears between the look and the drop, here through an event trigger.
    sql "CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ BEGIN
             IF to_regclass('event_logs_2024_02_week4') IS NOT NULL AND to_regclass('theirs') IS NULL THEN
                 CREATE VIEW theirs AS SELECT 1 AS one FROM event_logs_2024_02; END IF; END \$\$;
         CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION spoil()"
    refuses 1 split "11_split_partition.sql:" "2BP01" "theirs" "The file was rolled back"
}

@test "JSON: the partitions before and after, and what was done" {
    copy_of loaded
    run_partdemo run split --format json
    exited 0
    node -e 'const assert = require("node:assert/strict");
        const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
        const names = t => t.partitions.map(p => p.name).join(" ");
        assert.equal(d.outcome, "done");
        assert.deepEqual(d.steps.map(s => s.file), ["repartition/11_split_partition.sql"]);
        assert.ok(d.checks.every(c => c.ok));
        assert.equal(names(d.before[0]), "event_logs_2024_01 event_logs_2024_02 event_logs_2024_03 event_logs_default");
        assert.equal(names(d.after[0]), "event_logs_2024_01 event_logs_2024_02_week1 event_logs_2024_02_week2 " +
            "event_logs_2024_02_week3 event_logs_2024_02_week4 event_logs_2024_03 event_logs_default");
        assert.equal(d.before[0].rows, d.after[0].rows);' "$BATS_TEST_TMPDIR/stdout"
}
