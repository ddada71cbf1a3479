#!/usr/bin/env bats
# A step that waits for a lock says behind whom.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() { pg_start "autovacuum = off" "max_prepared_transactions = 4"; }

teardown_file() { pg_stop; }

setup() {
    fresh_db "b$BATS_TEST_NUMBER"
    sql "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)"
    cd "$BATS_TEST_TMPDIR" || return
    HOLDERS=()
}

teardown() {
    local fd
    for fd in "${HOLDERS[@]}"; do
        exec {fd}>&-
    done
}

# hold APPLICATION SQL: a psql session that has run this and stays; its backend in HOLDER.
hold() {
    local fd
    exec {fd}> >(PGAPPNAME=$1 psql -XAtq >"$BATS_TEST_TMPDIR/$1" 2>&1 3>&- 4>&-)
    HOLDERS+=("$fd")
    printf '%s\n' "SELECT pg_backend_pid();" "$2" "\\echo held" >&"$fd"
    wait_for grep -q held "$BATS_TEST_TMPDIR/$1"
    HOLDER=$(head -n 1 "$BATS_TEST_TMPDIR/$1")
}

# flow SQL FIELDS: a scenario of one step that runs this SQL.
flow() {
    echo "$1" >step.sql
    echo "return { summary = 'One step', steps = { { sql = 'step.sql', $2 } } }" >flow.lua
}

@test "a lock timeout names pid, application, user, state and the last statement of the holder" {
    hold nosy "BEGIN; SELECT id, E'\\x1b[31m' AS \"red\nand blue\" FROM t;"
    flow "ALTER TABLE t ADD v int;" "lock_timeout = '900ms'"
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "waiting for ACCESS EXCLUSIVE on t behind pid $HOLDER (nosy, user postgres, idle in transaction for" \
        "(55P03)" "DETAIL:  it waited for ACCESS EXCLUSIVE on t behind pid $HOLDER (nosy, user postgres, idle in" \
        "its last statement: SELECT id" "lock_timeout and retry of the step"
    [[ $stderr != *$'\e'* ]]
    is 0 "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo'"
}

@test "also a short lock timeout, and each retry" {
    hold nosy "BEGIN; LOCK TABLE t IN SHARE MODE;"
    flow "INSERT INTO t VALUES (2);" "lock_timeout = '150ms', retry = 1"
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "(55P03), behind pid $HOLDER (nosy, user postgres" "trying again, 1 of 1" \
        "it waited for ROW EXCLUSIVE on t behind pid $HOLDER"
    [[ $(grep -c "waiting for ROW EXCLUSIVE on t" <<<"$stderr") == 2 ]]
}

@test "a step that gets its lock in the end says what it waited for, and succeeds" {
    hold nosy "BEGIN; SELECT count(*) FROM t;"
    flow "ALTER TABLE t ADD v int;" ""
    start_partdemo run ./flow.lua
    wait_for grep -q "behind pid $HOLDER" "$BATS_TEST_TMPDIR/stderr"
    sql "SELECT pg_terminate_backend($HOLDER)"
    end_partdemo
    exited 0
    is 1 "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"
}

@test "all that are in the way are named" {
    hold first "BEGIN; SELECT count(*) FROM t;"
    local first=$HOLDER
    hold second "BEGIN; SELECT count(*) FROM t;"
    flow "ALTER TABLE t ADD v int;" "lock_timeout = '800ms'"
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "behind pid $first (first" ", and 1 other" "and pid $HOLDER (second"
}

@test "a row that another transaction has written, and a prepared transaction" {
    hold writer "BEGIN; UPDATE t SET id = 1;"
    flow "UPDATE t SET id = 5;" "lock_timeout = '700ms'"
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "it waited for" "behind pid $HOLDER (writer" "UPDATE t SET id = 1"
    sql "SELECT pg_terminate_backend($HOLDER)"
    sql "BEGIN; UPDATE t SET id = 1; PREPARE TRANSACTION 'forgotten'"
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "behind the prepared transaction 'forgotten', prepared" "ROLLBACK PREPARED ends it"
    sql "ROLLBACK PREPARED 'forgotten'"
}

@test "a role that may not see others' statements is told pid and application" {
    sql "CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain; ALTER TABLE t OWNER TO plain"
    hold secret "BEGIN; SELECT count(*) FROM t;"
    flow "ALTER TABLE t ADD v int;" "lock_timeout = '700ms'"
    PGUSER=plain run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "behind pid $HOLDER (secret, user postgres), what it does is shown to its own role and to pg_read_all_stats"
    [[ $stderr != *"SELECT count"* && $stderr != *insufficient* ]]
}

@test "a COPY that waits, and the statement of a function" {
    hold nosy "BEGIN; LOCK TABLE t IN SHARE MODE;"
    cat >flow.lua <<'LUA'
return { summary = "One step", steps = { function(ctx)
  ctx.conn:exec "SET lock_timeout = '700ms'"
  ctx.conn:exec "INSERT INTO t VALUES (9)"
end } }
LUA
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "it waited for ROW EXCLUSIVE on t behind pid $HOLDER (nosy"
    cat >flow.lua <<'LUA'
local gen = require "partdemo.gen"
return { summary = "One step", steps = {
  function(ctx) ctx.conn:exec "SET lock_timeout = '700ms'" end,
  { copy = "t", rows = 1, gen = gen.row { { "id", gen.int(100, 900) } } },
} }
LUA
    run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "it waited for ROW EXCLUSIVE on t behind pid $HOLDER (nosy"
    is 1 "SELECT count(*) FROM t"
}

@test "steps that need not wait make no second connection" {
    sql "CREATE TABLE seen (n int)"
    flow "SELECT pg_sleep(0.15);
        INSERT INTO seen SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo';" ""
    run_partdemo run ./flow.lua
    exited 0
    is 1 "TABLE seen"
}

@test "no connection left for the look: the lock timeout says what it knows" {
    sql "CREATE ROLE single LOGIN CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO single; ALTER TABLE t OWNER TO single"
    hold nosy "BEGIN; SELECT count(*) FROM t;"
    flow "ALTER TABLE t ADD v int;" "lock_timeout = '500ms'"
    PGUSER=single run_partdemo run ./flow.lua
    exited 1
    has "$stderr" "(55P03)" "lock_timeout and retry"
    [[ $stderr != *behind* ]]
}

@test "a second run on the same database names the first, and waits for it" {
    hold nosy "BEGIN; SELECT count(*) FROM t;"
    flow "ALTER TABLE t ADD v int;" ""
    start_partdemo run ./flow.lua
    wait_for grep -q "behind pid" "$BATS_TEST_TMPDIR/stderr"
    local first
    first=$(sql "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
    cp flow.lua second.lua
    timeout -s INT 2 "$PARTDEMO" run ./second.lua >second.out 2>&1 </dev/null || true
    has "$(<second.out)" "another partdemo run works on this database: pid $first (partdemo, user postgres, since "
    sql "SELECT pg_terminate_backend($HOLDER)"
    end_partdemo
    exited 0
}
