#!/usr/bin/env bats
# What somebody gives to a table while an online change waits for its swap, as a reader stays: it comes along, or it is
# refused; a view never goes on reading what was replaced, and nothing is lost without a word.

load ../lib
load ../online

setup() {
    fresh_db late
    sql "CREATE TABLE p (v int PRIMARY KEY); INSERT INTO p SELECT generate_series(1, 1000);
         CREATE TABLE t (u int NOT NULL, k int NOT NULL, v int, PRIMARY KEY (u, k));
         INSERT INTO t SELECT n, n % 100, n FROM generate_series(1, 1000) AS n"
}

MIGRATE=(run online/migrate --table t --by 'RANGE (k)' --at '0,50,100' --names 'low,high')
CONVERT=(run online/convert --table t --by 'RANGE (k)' --until 200 --at 300)
SPLIT=(run online/split --table t --partition high --at 70)

# waits_to_swap COMMAND...: in the background; a reader of t is in its way until `release`, in that of a conversion,
# which needs a lock on t before, one of what t refers to.
waits_to_swap() {
    local read=t
    [[ $2 != online/convert ]] || read=p
    hold "BEGIN; SELECT count(*) FROM $read"
    start_partdemo "$@" --patience 1h
    wait_for grep -q "the swap: .*trying again" "$BATS_TEST_TMPDIR/stderr"
}

# goes_on: the swap comes as the reader goes.
goes_on() {
    release
    end_partdemo
    exited "${1:-0}"
}

# reads_all VIEW: it shows what is written to t from now on.
reads_all() {
    sql "INSERT INTO t VALUES (5000, 250, 1), (5001, 60, 1) ON CONFLICT DO NOTHING" 2>/dev/null ||
        sql "INSERT INTO t VALUES (5001, 60, 1) ON CONFLICT DO NOTHING"
    is 0 "SELECT (SELECT count(*) FROM t) - (SELECT count(*) FROM $1)"
    is t "SELECT count(*) > 1000 FROM $1"
}

@test "a view that comes while a migration waits, and is replaced, reads the new table; so does one on the way back" {
    waits_to_swap "${MIGRATE[@]}" --keep-old
    sql "CREATE VIEW seen AS SELECT u FROM t"
    sleep 0.3
    sql "CREATE OR REPLACE VIEW seen AS SELECT u, v FROM t WHERE v > 0"
    goes_on
    reads_all seen
    is v "SELECT attname FROM pg_attribute WHERE attrelid = 'seen'::regclass AND attnum = 2"
    waits_to_swap "${MIGRATE[@]}" --undo
    sql "CREATE VIEW again AS SELECT * FROM t"
    goes_on
    reads_all seen
    reads_all again
    nothing_left
}

@test "a view that comes while a conversion waits reads the whole table" {
    sql "ALTER TABLE t ADD FOREIGN KEY (v) REFERENCES p"
    waits_to_swap "${CONVERT[@]}"
    sql "CREATE VIEW seen AS SELECT * FROM t"
    goes_on
    is t "SELECT relkind = 'p' FROM pg_class WHERE oid = 't'::regclass"
    reads_all seen
    nothing_left
}

# refused_late MESSAGE SQL BACK COMMAND...: what SQL gives to t while the swap waits ends the command with that message;
# taken back by BACK, the same command goes on.
refused_late() {
    waits_to_swap "${@:4}"
    sql "$2" 2>/dev/null
    goes_on 4
    has "$stderr" "$1"
    sql "$3"
}

@test "what a migration cannot carry over, or did not give to the copy, is refused when it comes while the swap waits" {
    refused_late "the publication late" "CREATE PUBLICATION late FOR TABLE t" "DROP PUBLICATION late" "${MIGRATE[@]}"
    refused_late "statistics" "CREATE STATISTICS st ON u, v FROM t" "DROP STATISTICS st" "${MIGRATE[@]}"
    refused_late "comment mine" "COMMENT ON COLUMN t.v IS 'mine'" "COMMENT ON COLUMN t.v IS NULL" "${MIGRATE[@]}"
    refused_late "the materialized view m" "CREATE MATERIALIZED VIEW m AS SELECT * FROM t" "DROP MATERIALIZED VIEW m" "${MIGRATE[@]}"
    run_partdemo "${MIGRATE[@]}" --keep-old
    exited 0
    refused_late "the publication late" "CREATE PUBLICATION late FOR TABLE t" "DROP PUBLICATION late" "${MIGRATE[@]}" --undo
    run_partdemo "${MIGRATE[@]}" --undo
    exited 0
    is 1000 "SELECT count(*) FROM t"
    nothing_left
}

@test "so it is for a conversion and a split" {
    sql "ALTER TABLE t ADD CONSTRAINT in_p FOREIGN KEY (v) REFERENCES p"
    refused_late "the publication late" "CREATE PUBLICATION late FOR TABLE t" "DROP PUBLICATION late" "${CONVERT[@]}"
    refused_late "comment mine" "COMMENT ON COLUMN t.v IS 'mine'" "COMMENT ON COLUMN t.v IS NULL" "${CONVERT[@]}"
    run_partdemo "${CONVERT[@]}" --abort
    exited 0
    sql "ALTER TABLE t DROP CONSTRAINT in_p" # a split would refuse it
    run_partdemo "${MIGRATE[@]}"
    exited 0
    refused_late "the view seen" "CREATE VIEW seen AS SELECT * FROM high" "DROP VIEW seen" "${SPLIT[@]}"
    refused_late "statistics" "CREATE STATISTICS st ON u, v FROM high" "DROP STATISTICS st" "${SPLIT[@]}"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is 1000 "SELECT count(*) FROM t"
    nothing_left
}
