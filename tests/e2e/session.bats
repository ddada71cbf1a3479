#!/usr/bin/env bats
# What a role or a database may have set for its sessions: it must not change what a run does, nor
# what its checks find.

load ../lib

setup_file() { pg_start "autovacuum = off"; }
teardown_file() { pg_stop; }

setup() {
    fresh_db "t$BATS_TEST_NUMBER"
    cd "$BATS_TEST_TMPDIR" || return
}

# set_up_under SETTING: setup and the second run, in a database with this setting.
set_up_under() {
    sql "ALTER DATABASE \"$PGDATABASE\" SET $1"
    run_partdemo run setup -q
    exited 0 || return
    setup_is_whole || return
    run_partdemo run setup -q
    exited 0
    has "$output" "already done"
}

@test "identifiers that the server quotes are still recognized" {
    set_up_under "quote_all_identifiers = on"
}

@test "odd formats and strict modes change nothing" {
    local setting i=0
    for setting in "standard_conforming_strings = off" "DateStyle = 'SQL, DMY'" \
        "IntervalStyle = sql_standard" "bytea_output = escape" "extra_float_digits = -15" \
        "TimeZone = 'Pacific/Apia'" "client_encoding = LATIN1" \
        "default_transaction_isolation = serializable" "client_min_messages = error"; do
        fresh_db "odd$((i += 1))"
        set_up_under "$setting"
    done
}

@test "databases in other encodings" {
    local encoding
    for encoding in SQL_ASCII LATIN1 EUC_JP; do
        sql -d postgres "CREATE DATABASE other TEMPLATE template0
            ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'"
        PGDATABASE=other run_partdemo run setup -q --rows 500
        exited 0
        PGDATABASE=other setup_is_whole
        sql -d postgres "DROP DATABASE other"
    done
}

@test "rows that a policy hides are not left behind in silence: exit 1, the table as it was" {
    local role="owner_$BATS_TEST_NUMBER"
    sql "CREATE ROLE $role LOGIN; GRANT ALL ON SCHEMA public TO $role"
    export PGUSER=$role
    psql -XAtq -v ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/00_setup_base_tables.sql" \
        -f "$PARTDEMO_SOURCE/sql/00_initial_seed_data.sql" >/dev/null
    sql "ALTER TABLE event_logs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE POLICY even ON event_logs USING (id % 2 = 0)"
    run_partdemo run setup
    exited 1
    has "$stderr" "row-level security" "event_logs" 42501
    PGUSER=postgres is r "SELECT relkind FROM pg_class WHERE relname = 'event_logs'"
    PGUSER=postgres is 400 "SELECT count(*) FROM event_logs"
}

@test "floats that differ in the last digit are not the same rows" {
    sql "ALTER DATABASE \"$PGDATABASE\" SET extra_float_digits = -3;
         CREATE TABLE a AS SELECT 0.1::float8 AS x;
         CREATE TABLE b AS SELECT 0.1::float8 + 0.00000000000000002 AS x"
    is f "SELECT a.x = b.x FROM a, b"
    cat >floats.lua <<'LUA'
local check = require "partdemo.check"
return { summary = "Compare", before = check.same_rows { "a", "b" }, steps = {} }
LUA
    run_partdemo run ./floats.lua
    exited 4
    has "$stderr" "the contents differ"
}
