#!/usr/bin/env bats
# `partdemo test`: flows in scratch databases. Judged by the TAP, by prove and by psql: what is tested is right, and the
# database is gone afterwards, however it ended.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off"
    fresh_db home
}

teardown_file() { pg_stop; }

setup() {
    export PGDATABASE=home
    cd "$BATS_TEST_TMPDIR" || return
    echo "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2);" >make.sql
    echo "DELETE FROM t WHERE id = 2;" >lose.sql
    flow good '{ sql = "make.sql", ensures = check.table "t" }, { check = check.rows { "t", exactly = 2 } }' \
        'before = check.absent "t", after = check.rows { "t", exactly = 2 },'
    flow bad '{ sql = "make.sql" }, { sql = "lose.sql" }' 'after = check.rows { "t", exactly = 2 },'
    echo "SELECT pg_sleep(60);" >sleep.sql
    flow slow '{ sql = "make.sql" }, { sql = "sleep.sql" }'
}

# flow NAME STEPS [FIELDS]: a flow NAME.lua.
flow() {
    printf 'local check = require "partdemo.check"\nreturn { summary = "A flow", %s steps = {\n  %s } }\n' \
        "${3:-}" "$2" >"$1.lua"
}

# no_scratch: no database of a test is left.
no_scratch() {
    sql_true "SELECT count(*) = 0 FROM pg_database WHERE datname LIKE 'partdemo\_test\_%'"
}

# scratch_is_busy: a flow sleeps in its database.
scratch_is_busy() {
    sql_true "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname LIKE 'partdemo\_test\_%' AND query LIKE '%pg_sleep(60)%'"
}

@test "each step and check is a line, stdout is TAP alone, the target's database is untouched" {
    local before
    before=$(fingerprint)
    run_partdemo test good.lua
    exited 0
    [[ -z $stderr ]]
    cat >expected <<'END'
TAP version 13
# good.lua
ok 1 - good: t does not exist
ok 2 - good: t exists
ok 3 - good: make.sql
ok 4 - good: t has exactly 2 rows
ok 5 - good: t has exactly 2 rows
1..5
END
    diff expected <(grep -v '^# target' <<<"$output")
    no_scratch
    diff <(echo "$before") <(fingerprint)
}

@test "a check that fails: its line with message, detail, file and line of the check; exit 4; gone" {
    run_partdemo test bad.lua
    exited 4
    has "$output" "ok 2 - bad: lose.sql" 'not ok 3 - bad: t has exactly 2 rows
  ---
  message: "the check does not hold"
  detail: "it has 1 row"
  file: "bad.lua"
  line: 2
  ...
1..3'
    has "$stderr" "1 test of 3 failed"
    no_scratch
}

@test "a statement that fails: SQLSTATE and the line of the SQL file; exit 1; gone" {
    printf 'CREATE TABLE u (id int);\nINSERT INTO u\nVALUES (1 / 0);\n' >broken.sql
    flow broken '{ sql = "broken.sql", say = "Break # it" }'
    run_partdemo test broken.lua
    exited 1
    has "$output" 'not ok 1 - broken: Break \# it' 'message: "division by zero"' 'sqlstate: "22012"' \
        'file: "./broken.sql"' "line: 2"
    no_scratch
}

@test "several files: the ones after a failure still run; the exit code is the first failure's" {
    flow wrong '{ sqk = "make.sql" }'
    run_partdemo test wrong.lua bad.lua good.lua nowhere.lua
    exited 2
    has "$output" "not ok 1 - wrong.lua" "steps[1]: expected one of sql" "not ok 4 - bad: t has" "ok 9 - good: t has" \
        "not ok 10 - nowhere.lua" "nowhere.lua: there is no such file" "1..10"
    no_scratch
}

@test "files that cannot be loaded: nothing is connected to or started" {
    flow wrong '{ sqk = "make.sql" }'
    flow mixless '{ load = "nowhere", seconds = 1 }'
    local pg
    pg=$(env | sed -n 's/^\(PG[A-Z]*\)=.*/-u \1/p')
    # shellcheck disable=SC2086 # words
    run -2 env $pg PARTDEMO_STATE="$BATS_TEST_TMPDIR/state" "$PARTDEMO" test wrong.lua mixless.lua nowhere.lua
    has "$output" "not ok 1 - wrong.lua" "not ok 2 - mixless.lua" "not ok 3 - nowhere.lua" "1..3"
    [[ ! -e $BATS_TEST_TMPDIR/state ]]
}

@test "under prove: all is well, and not" {
    run prove -e "$PARTDEMO test" good.lua
    [[ $status == 0 && $output == *"Result: PASS"* && $output == *"Tests=5"* ]]
    run prove -e "$PARTDEMO test" good.lua bad.lua
    [[ $status != 0 ]]
    has "$output" "Failed test:  3" "Non-zero exit status: 4" "Result: FAIL"
}

@test "the same as a document" {
    run_partdemo test bad.lua good.lua --format json
    exited 4
    [[ $(node -p 'const d = JSON.parse(require("fs").readFileSync(process.argv[1]));
        [d.schema_version, d.ok, d.tests, d.failed, d.files.map(f => f.file + f.ok), d.files[0].tests[2].detail].join(" ")' \
        "$BATS_TEST_TMPDIR/stdout") == "1 false 8 1 bad.luafalse,good.luatrue it has 1 row" ]]
    no_scratch
}

@test "-v: what the steps say is on stderr, stdout is TAP alone" {
    run_partdemo test good.lua -v
    exited 0
    has "$stderr" "[1/2] make.sql" "INSERT INTO t VALUES"
    [[ $(grep -cvE '^(ok|TAP|#|1\.\.)' <<<"$output") == 0 ]]
}

@test "--keep: the database stays and psql gets there as it says" {
    run_partdemo test good.lua --keep
    exited 0
    local psql
    psql=$(sed -n 's/^# kept: //p' <<<"$output")
    [[ $psql == "psql -h $PGHOST -p 5432 -U postgres -d partdemo_test_"* ]]
    [[ $(PGDATABASE='' PGHOST='' $psql -XAtqc "SELECT sum(id) FROM t") == 3 ]]
    sql "DROP DATABASE ${psql##* }"
}

@test "Ctrl-C and SIGTERM: Bail out, exit 130 and 143, gone" {
    local signal
    for signal in INT:130 TERM:143; do
        start_partdemo test slow.lua
        wait_for scratch_is_busy
        kill -s "${signal%:*}" "$PD_PID"
        end_partdemo
        exited "${signal#*:}"
        has "$output" "ok 1 - slow: make.sql" "Bail out! interrupted"
        no_scratch
    done
}

@test "the flow's backend is killed, then all of partdemo's: not ok, gone" {
    local which
    for which in "LIKE 'partdemo\_test\_%'" "IS NOT NULL AND application_name = 'partdemo'"; do
        start_partdemo test slow.lua good.lua
        wait_for scratch_is_busy
        sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname $which" >/dev/null
        end_partdemo
        exited 1
        has "$output" "not ok 2 - slow: sleep.sql" "57P01" "ok 7 - good: t has exactly 2 rows" "1..7"
        no_scratch
    done
}

@test "a role without CREATEDB is refused: Bail out, exit 2; with it, it need be no more" {
    sql "CREATE ROLE humble LOGIN"
    PGUSER=humble run_partdemo test good.lua
    exited 2
    has "$output" "Bail out! the role humble may not create databases"
    has "$stderr" "ALTER ROLE humble CREATEDB"
    sql "ALTER ROLE humble CREATEDB"
    PGUSER=humble run_partdemo test good.lua
    exited 0
    no_scratch
}

@test "no server: Bail out, exit 3" {
    PGPORT=1 run_partdemo test good.lua
    exited 3
    has "$output" "Bail out! connection to server"
}

@test "a flow whose end is there from the start runs all the same" {
    flow hollow '{ sql = "make.sql" }' 'after = check.absent "u",'
    run_partdemo test hollow.lua
    exited 0
    has "$output" "ok 1 - hollow: make.sql" "ok 2 - hollow: u does not exist"
}

@test "the example of a flow of one's own: all is well, and a change that breaks it is found" {
    local own=$PARTDEMO_SOURCE/docs/examples/own-flow
    run_partdemo test "$own/flow.lua" --keep
    exited 0
    has "$output" "one_day.sql scans only measurements_2024_06 of measurements" "flow: Make July's partition"
    export PGDATABASE
    PGDATABASE=$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'partdemo\_test\_%'")
    is $'500|3' "SELECT count(*), count(DISTINCT tableoid) FROM measurements"
    is "FOR VALUES FROM ('2024-07-01 00:00:00') TO ('2024-08-01 00:00:00')" \
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'measurements_2024_07'::regclass"
    sql -d home "DROP DATABASE $PGDATABASE"
    PGDATABASE=home
    cp -r "$own" mine
    sed -i 's/WHERE taken_at >=/WHERE taken_at::date >=/; s/AND taken_at </AND taken_at::date </' mine/one_day.sql
    run_partdemo test mine/flow.lua
    exited 4
    has "$output" "not ok" "3 of 3 leaves scanned: measurements_2024_05, measurements_2024_06, measurements_2024_07"
    [[ $(grep -c '^not ok' <<<"$output") == 1 ]]
    no_scratch
}

@test "the lifecycle from nothing: every row that was loaded, the schema of the start" {
    run_partdemo test "$PARTDEMO_SOURCE/scenarios/lifecycle.lua" --keep
    exited 0
    has "$output" "lifecycle: the schema is that of 'the start'"
    export PGDATABASE
    PGDATABASE=$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'partdemo\_test\_%'")
    is $'event_logs|4\norders_by_region|4\nsales_data|6\nusers_distributed|4' \
        "SELECT relname, (SELECT count(*) FROM pg_partition_tree(c.oid) WHERE isleaf)
         FROM pg_class AS c WHERE relkind = 'p' AND NOT relispartition ORDER BY 1"
    # The old tables have what the setup made: what is more came from the two loads of 400 operations.
    is 800 "SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
                   + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)
                   - (SELECT count(*) FROM event_logs_old) - (SELECT count(*) FROM users_distributed_old)
                   - (SELECT count(*) FROM orders_by_region_old) - (SELECT count(*) FROM sales_data_old)"
    is 0 "SELECT count(*) FROM (TABLE event_logs_old EXCEPT ALL TABLE event_logs) AS x"
    is 0 "SELECT count(*) FROM (TABLE users_distributed_old EXCEPT ALL TABLE users_distributed) AS x"
    sql -d home "DROP DATABASE $PGDATABASE"
}

@test "nothing to test: exit 2" {
    run_partdemo test
    exited 2
    has "$stderr" "test needs the path of a flow"
}

@test "databases that a killed run left are named by the next one, which works beside them" {
    run_partdemo test good.lua
    [[ $stderr != *left* ]]
    start_partdemo test slow.lua
    wait_for scratch_is_busy
    local left
    left=$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'partdemo\_test\_%'")
    # A run that is under way has left nothing yet.
    PARTDEMO_OTHER=$("$PARTDEMO" test good.lua 2>&1 >/dev/null)
    [[ -z $PARTDEMO_OTHER ]]
    kill -9 "$PD_PID"
    wait "$PD_PID" || true
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'partdemo%'" >/dev/null
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'partdemo%'"
    run_partdemo test good.lua
    exited 0
    has "$stderr" "left by earlier runs" "$left" "DROP DATABASE $left WITH (FORCE)"
    is "$left" "SELECT datname FROM pg_database WHERE datname LIKE 'partdemo\_test\_%'"
    sql "DROP DATABASE $left WITH (FORCE)"
}
