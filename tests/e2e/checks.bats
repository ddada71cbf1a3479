#!/usr/bin/env bats
# What the checks find wrong: each of them has to fail, and to say why.

load ../lib

setup_file() {
    pg_start "autovacuum = off"
    fresh_db checks
    sql 'CREATE TABLE plain (id int);
         CREATE TABLE gap (id int) PARTITION BY RANGE (id);
         CREATE TABLE gap_1 PARTITION OF gap FOR VALUES FROM (0) TO (10);
         CREATE TABLE gap_2 PARTITION OF gap FOR VALUES FROM (20) TO (30);
         CREATE INDEX gap_id ON ONLY gap (id);
         CREATE TABLE hash (id int) PARTITION BY HASH (id);
         CREATE TABLE hash_0 PARTITION OF hash FOR VALUES WITH (MODULUS 4, REMAINDER 0);
         CREATE TABLE bare (id int) PARTITION BY LIST (id);
         CREATE TABLE behind (id serial); INSERT INTO behind VALUES (7);'
}

teardown_file() { pg_stop; }

# fails CHECK DETAIL: a scenario with this check alone cannot start, for that reason.
fails() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >one.lua <<LUA
local check = require "partdemo.check"
return { summary = "One check", before = $1, steps = {} }
LUA
    run_partdemo run ./one.lua
    exited 4
    has "$stderr" "$2"
}

@test "a table that is not there is neither tiled nor indexed" {
    fails 'check.tiled "nowhere"' "there is no such table"
    fails 'check.indexed "nowhere"' "there is no such table"
    fails 'check.tiled "plain"' "it is not partitioned"
}

@test "a gap in a range, a missing remainder, no partition at all" {
    fails 'check.tiled "gap"' "gap: no partition for id from (10) to (20)"
    fails 'check.tiled "hash"' "hash: the hash partitions take only 25.0 % of the rows: no partition with modulus 4, remainder 1, 2, 3"
    fails 'check.tiled "bare"' "bare: has no partition"
}

@test "a partition without its parent's index" {
    fails 'check.indexed "gap"' "has no index for gap_id"
}

@test "a sequence that gives a value which a row has" {
    fails 'check.sequence_ahead { "behind", column = "id" }' "gives 1 next, the highest is 7"
}
