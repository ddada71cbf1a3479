#!/usr/bin/env bats
# Mixes are checked before any connection is made.

load ../lib
load helpers

setup() { nowhere; }

# mix LINE...: a mix file of these lines.
mix() {
    MIX=$BATS_TEST_TMPDIR/own.lua
    printf '%s\n' "$@" >"$MIX"
}

load_mix() {
    run_partdemo run load 1 1 --mix "$MIX"
}

@test "the mixes that come along are right: the next thing is the server" {
    local file
    for file in "$PARTDEMO_SOURCE"/scenarios/mixes/*.lua; do
        run_partdemo run load 1 1 --mix "$(basename "$file" .lua)"
        connects
        run_partdemo run load 1 1 --mix "$file"
        connects
    done
}

@test "check takes a mix by its path; run says that it is one" {
    local file=$PARTDEMO_SOURCE/scenarios/mixes/standard.lua
    run_partdemo check "$file"
    exited 0
    has "$output" "standard.lua: ok, a mix"
    mix 'return { summary = "x",' "{ weight = 0, name = 'a', sql = 'SELECT 1' } }"
    run_partdemo check "$MIX"
    refused "own.lua" "weight" "positive"
    run_partdemo run "$MIX"
    refused "this is a mix, not a scenario" "run load --mix"
}

@test "an unknown mix, with the name that was meant" {
    run_partdemo run load --mix standart
    refused "unknown mix 'standart', did you mean 'standard'?"
    run_partdemo run load --mix "$BATS_TEST_TMPDIR/none.lua"
    refused "none.lua"
}

@test "weights are positive and finite" {
    local weight
    for weight in 0 -1 0/0 1/0 -1/0 '"1"' nil; do
        mix 'return { summary = "x",' "{ weight = $weight, name = 'a', sql = 'SELECT 1' } }"
        load_mix
        refused "[1]" weight
    done
}

@test "an entry is one of insert, sql, run" {
    mix 'return { summary = "x",' \
        '{ weight = 1, name = "a" },' \
        '{ weight = 1, name = "b", sql = "SELECT 1", run = function() end },' \
        '{ weight = 1, name = "c", insert = "event_logs" },' \
        '{ weight = 1, name = "d", sqll = "SELECT 1" },' \
        '{ weight = 1, name = "e", run = "SELECT 1" },' \
        '{ weight = 1, name = "f", insert = "event_logs", row = { { "a", 1 } } } }'
    load_mix
    refused "[1]: expected one of insert, sql, run" "[2]: expected one of insert, sql, run" \
        "[3]: an insert needs a row" "[4]: unknown field 'sqll', did you mean 'sql'?" "[5].run" "[6].row"
}

@test "what a rehearsal follows and allows" {
    mix 'return { summary = "x", reconcile = 1,' \
        '{ weight = 1, name = "a", sql = "DELETE FROM t", ledger = { key = "id" } },' \
        '{ weight = 1, name = "b", run = function() end, ledger = { table = "t" } },' \
        '{ weight = 1, name = "c", sql = "DELETE FROM t", ledger = { table = 1, colums = {} } },' \
        '{ weight = 1, name = "d", sql = "SELECT 1", ledger = false, allow = { "42" } } }'
    load_mix
    refused "reconcile: expected a function" "[1]: a ledger is for an insert" "[2]: a ledger is for an insert" \
        "[3].ledger.table: expected a string" "unknown field 'colums', did you mean 'columns'?" \
        "[4].allow[1]: expected an SQLSTATE"
}

@test "what an entry would leave out of account" {
    mix 'local gen = require "partdemo.gen"' 'local row = gen.row { { "a", 1 } }' 'return { summary = "x",' \
        '{ weight = 1, name = "a", insert = "t", row = row, params = row },' \
        '{ weight = 1, name = "b", sql = "SELECT 1", row = row },' \
        '{ weight = 1, name = "c", run = function() end, params = row },' \
        '{ weight = 1, name = "d", insert = "t", row = row, ledger = { columns = { "a" } } } }'
    load_mix
    refused "[1]: params are for an sql entry" "[2]: a row is for an insert" "[3]: params are for an sql entry"
    never_shows "[4]"
}

@test "names are given and different" {
    mix 'return { summary = "x",' \
        '{ weight = 1, name = "a", sql = "SELECT 1" }, { weight = 1, name = "a", sql = "SELECT 2" },' \
        '{ weight = 1, sql = "SELECT 1" } }'
    load_mix
    refused "[2]: the name 'a' is there twice" "[3]" name
}

@test "a mix has a summary, entries, and nothing else" {
    mix 'return { 17, sumary = "x" }'
    load_mix
    refused "the field 'summary' is missing" "unknown field 'sumary'" "[1]"
    mix 'return { summary = "x" }'
    load_mix
    refused "the mix has no entry"
    mix 'return 17'
    load_mix
    refused "a mix returns a table, this file returns number"
    mix 'return {'
    load_mix
    refused own.lua
    mix 'error "not today"'
    load_mix
    refused "not today"
}

@test "on_error is count or stop" {
    mix 'return { summary = "x", { weight = 1, name = "a", sql = "SELECT 1", on_error = "panic" } }'
    load_mix
    refused '[1].on_error: expected "stop" or "count"'
}

@test "batch is a count of rows that fit a statement, and for inserts" {
    local gen='local gen = require "partdemo.gen"; local row = gen.row { { "a", 1 }, { "b", 2 } }' wrong
    for wrong in 0 -1 1.5 '"x"'; do
        mix "$gen" 'return { summary = "x",' "{ weight = 1, name = 'a', insert = 't', row = row, batch = $wrong } }"
        load_mix
        refused "[1].batch: expected a number of rows"
    done
    mix 'return { summary = "x", { weight = 1, name = "a", sql = "SELECT 1", batch = 2 } }'
    load_mix
    refused "[1]: batch is for an insert"
    mix "$gen" 'return { summary = "x", { weight = 1, name = "a", insert = "t", row = row, batch = 40000 } }'
    load_mix
    refused "entry 'a' needs 80000 parameters for 40000 rows of 2 columns" "up to 32767 rows"
    run_partdemo run load 1 1 --batch 30000
    refused "entry 'event' needs"
    mix "$gen" 'return { summary = "x", { weight = 1, name = "a", insert = "t", row = row, batch = 32767 } }'
    load_mix
    connects
}

@test "tables of a mix are a list of names" {
    mix 'return { summary = "x", tables = "t", { weight = 1, name = "a", sql = "SELECT 1" } }'
    load_mix
    refused "tables: expected a list"
    mix 'return { summary = "x", tables = { "t", 1 }, { weight = 1, name = "a", sql = "SELECT 1" } }'
    load_mix
    refused "tables[2]: expected a string"
}

@test "functions are not pipelined" {
    run_partdemo run load --mix transaction --pipeline 2
    refused "entry 'order' is a Lua function, which cannot be pipelined"
    run_partdemo run load --mix transaction --pipeline 1
    connects
}

@test "numbers out of range" {
    local wrong
    for wrong in "--clients 0" "--clients -1" "--clients 1.5" "--clients many" "--rate -1" "--rate nan" \
        "--rate inf" "--pipeline 0" "--batch 0" "--batch 70000" "--ops -1" "--jobs -1" "--duration soon" "-- -5" "-- 100 nan"; do
        # shellcheck disable=SC2086 # two words each
        run_partdemo run load $wrong
        refused "error:"
    done
}

@test "a load step's mix is checked with its scenario" {
    printf '%s\n' 'return { summary = "x", steps = { { load = "standart", max = true, seconds = 1 } } }' \
        >"$BATS_TEST_TMPDIR/wrong.lua"
    run_partdemo check "$BATS_TEST_TMPDIR/wrong.lua"
    refused "steps[1].load: unknown mix 'standart', did you mean 'standard'?"
}

@test "what contradicts itself is refused, not half ignored" {
    local wrong
    for wrong in "--rate 10 --max" "--max --poisson" "1000 --max" "1000 30 --rate 5" "1000 30 --duration 5s"; do
        # shellcheck disable=SC2086 # words
        run_partdemo run load $wrong
        refused "exclude each other"
    done
    for wrong in "--rate 1e308" "--rate 1e8" "--rate 1e-300" "1e-300" "1e300 1"; do
        # shellcheck disable=SC2086 # words
        run_partdemo run load $wrong
        refused "a rate is from 1e-06 to 1e+07"
    done
}

@test "weights that cannot be added up, empty names, entries without end" {
    mix 'return { summary = "x", { weight = 1e308, name = "a", sql = "SELECT 1" },' \
        '{ weight = 1e308, name = "b", sql = "SELECT 1" } }'
    load_mix
    refused "the weights are too large to be added up"
    mix 'return { summary = "x", { weight = 1, name = "", sql = "SELECT 1" } }'
    load_mix
    refused "[1]: the name is empty"
    mix 'local m = { summary = "x" }' \
        'for i = 1, 1001 do m[i] = { weight = 1, name = "e" .. i, sql = "SELECT 1" } end return m'
    load_mix
    refused "1001 entries; a mix can have 1000"
}
