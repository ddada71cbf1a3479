#!/usr/bin/env bats
# Each online change killed at one statement after the other, under writers: partdemo, its backend or the server. Then
# the same command goes on to the end, or --abort leaves everything as it was. Judged by a ledger, by every detail of the
# catalog, and by amcheck.
#
# A run tries a few statements of each, others on each version of PostgreSQL; PARTDEMO_KILLS=all tries each one in each way.

bats_require_minimum_version 1.5.0
load ../lib
load ../online
load ../online_killed

KEY="timestamp '2024-01-25' + random() * interval '40 days'"
FEBRUARY="timestamp '2024-02-01' + random() * interval '20 days'"
SPLIT=(run online/split --table t --partition t_feb --at 2024-02-05)
DETACH=(run online/detach --table t --partition t_jan --archive kept)
MIGRATE=(run online/migrate --table t --by 'HASH (u)' --modulus 2 --types 'v numeric')
CONVERT=(run online/convert --table t --by 'RANGE (k)' --until 2025-01-01 --at 2025-02-01 --widen)

# what_hangs_on: what the table has, plain or partitioned: a default, indexes, a foreign key to it.
what_hangs_on() {
    sql "ALTER TABLE t ADD r int NOT NULL DEFAULT 1, ADD PRIMARY KEY (u, k);
         CREATE INDEX t_v ON t (v); CREATE UNIQUE INDEX t_k_u ON t (k, u) INCLUDE (v);
         INSERT INTO t SELECT n, timestamp '2024-01-25' + n * interval '10 min', 0 FROM generate_series(0, 2399) AS n;
         CREATE TABLE child (u bigint, k timestamp, FOREIGN KEY (u, k) REFERENCES t);
         INSERT INTO child SELECT u, k FROM t WHERE u > 2380"
    ledger t
}

# halfway NAME TEMPLATE PART ARG...: a database in which the change was killed before the statement that has this part.
halfway() {
    sql -d postgres "CREATE DATABASE $1 TEMPLATE $2"
    export PGDATABASE=$1
    at "$3" partdemo-before "${@:4}"
    exited 137
    wait_for no_partdemo
}

setup_file() {
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR # run_partdemo writes there
    pg_start "autovacuum = off" "synchronous_commit = on"
    fresh_db ranges
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT"
    what_hangs_on
    sql -d postgres "CREATE DATABASE kept TEMPLATE ranges"
    PGDATABASE=kept partdemo "${SPLIT[@]}" --keep-old -q
    # A split and a merge refuse a table that refers to another one.
    local refer="CREATE TABLE r (id int PRIMARY KEY); INSERT INTO r VALUES (1); ALTER TABLE t ADD FOREIGN KEY (r) REFERENCES r"
    sql -d postgres "CREATE DATABASE referring TEMPLATE ranges"
    sql -d referring "$refer"
    sql -d postgres "CREATE DATABASE no_default TEMPLATE referring"
    sql -d no_default "ALTER TABLE t DETACH PARTITION t_rest; DROP TABLE t_rest"
    fresh_db plain
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL)"
    what_hangs_on
    sql "$refer; CREATE UNIQUE INDEX t_u ON t (u)"
    sql -d postgres "CREATE DATABASE kept_plain TEMPLATE plain"
    PGDATABASE=kept_plain partdemo "${CONVERT[@]}" --keep-old -q
    sql -d kept_plain "WITH w AS (INSERT INTO t SELECT n, '2025-01-05', 0 FROM generate_series(5001, 5009) AS n RETURNING u, k, v)
                       INSERT INTO ledger SELECT u, k::text, v, false FROM w"
}

@test "a split, killed at any statement, goes on or is taken back" {
    sweep ranges "$KEY" "${SPLIT[@]}"
}

@test "a split that keeps the old partition" {
    sweep ranges "$KEY" "${SPLIT[@]}" --keep-old
}

@test "the undo of a split" {
    victim kept
    partdemo "${SPLIT[@]}" -q
    catalog >"$BATS_TEST_TMPDIR/split"
    BACK="split" sweep kept "$KEY" "${SPLIT[@]}" --undo
}

@test "a merge" {
    sweep ranges "$KEY" run online/merge --table t --partitions t_jan,t_feb --name t_both
}

@test "a detach CONCURRENTLY into an archive" {
    sweep no_default "$FEBRUARY" "${DETACH[@]}"
}

@test "a detach under a lock, whose partition is dropped" {
    sweep referring "$FEBRUARY" "${DETACH[@]}" --drop
}

@test "a migration to another key and another type" {
    sweep referring "$KEY" "${MIGRATE[@]}"
}

@test "a conversion" {
    sweep plain "$KEY" "${CONVERT[@]}"
}

@test "the undo of a conversion, with rows of another partition" {
    victim kept_plain
    partdemo "${CONVERT[@]}" -q
    catalog >"$BATS_TEST_TMPDIR/partitioned"
    BACK="partitioned" sweep kept_plain "$KEY" "${CONVERT[@]}" --undo
}

# aborted TEMPLATE KEY PART ARG...: the same of --abort, of a run that was killed before that statement.
aborted() {
    victim "$1"
    partdemo "${@:4}" -q
    catalog >"$BATS_TEST_TMPDIR/changed"
    halfway half "$1" "$3" "${@:4}"
    OTHER=begins_again sweep half "$2" "${@:4}" --abort
    sql -d postgres "DROP DATABASE half"
}

@test "--abort of the undo of a conversion" {
    victim kept_plain
    partdemo "${CONVERT[@]}" -q
    catalog >"$BATS_TEST_TMPDIR/partitioned"
    halfway half kept_plain "phase = 'swapped'" "${CONVERT[@]}" --undo
    BACK=partitioned sweep half "$KEY" "${CONVERT[@]}" --abort
    sql -d postgres "DROP DATABASE half"
}

@test "--abort of a split, of a migration, of a conversion, of a detach" {
    aborted ranges "$KEY" "phase = 'swapped'" "${SPLIT[@]}"
    aborted referring "$KEY" "phase = 'swapped'" "${MIGRATE[@]}"
    aborted plain "$KEY" "phase = 'swapped'" "${CONVERT[@]}"
    aborted no_default "$FEBRUARY" "AS source_rows" "${DETACH[@]}"
}

@test "once --abort has begun, the change does not go on with what is taken back already" {
    victim no_default
    catalog >"$BATS_TEST_TMPDIR/before"
    halfway half no_default "AS source_rows" "${DETACH[@]}" --drop
    at "DROP TABLE kept" partdemo-before "${DETACH[@]}" --drop --abort
    exited 137
    is t "SELECT relispartition FROM pg_class WHERE relname = 't_jan'"
    run_partdemo "${DETACH[@]}" --drop
    exited 4
    has "$stderr" "the --abort of the run was interrupted" "--abort again ends it"
    run_partdemo "${DETACH[@]}" --drop --abort
    exited 0
    none_lost
    diff "$BATS_TEST_TMPDIR/before" <(catalog)
}

@test "what is kept is not said to be up to date once the end of the run has begun" {
    victim kept
    at "DROP FUNCTION IF EXISTS" partdemo-before "${SPLIT[@]}"
    exited 137
    local word
    for word in --keep-old --undo; do
        run_partdemo "${SPLIT[@]}" "$word"
        exited 4
        has "$stderr" "the capture of changes was altered since the swap" "the same command without $word ends the run"
    done
    run_partdemo "${SPLIT[@]}"
    exited 0
    none_lost
    nothing_left
}

@test "a connection that was lost while nothing was at stake is no old server" {
    victim referring
    at "ROLLBACK" backend "${MIGRATE[@]}"
    exited 1
    has "$stderr" "the connection"
    run_partdemo "${MIGRATE[@]}"
    exited 0
}
