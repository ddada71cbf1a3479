#!/usr/bin/env bats
# The disk is full while online/split or online/migrate copies: nothing is lost, the table stays usable, and once there is space again
# the same command goes on, or --abort removes every trace.

load ../lib
load ../online
load ../online_split

setup_file() {
    pg_start "autovacuum = off"
    SMALL=$PG_TEST_DIR/small
    export SMALL
    mkdir "$SMALL"
    # Who may not mount one makes the server fail at the same place, by a limit on the size of its files. Such an error
    # has its own SQLSTATE on some versions.
    if mount -t tmpfs -o size=40m,mode=700 tmpfs "$SMALL" 2>/dev/null; then
        export MOUNTED=1
        chown "$(stat -c %u:%g "$PG_TEST_DIR")" "$SMALL"
        sql "CREATE TABLESPACE small LOCATION '$SMALL'"
    else
        echo "# no file system can be mounted: a limit on the size of files instead" >&3
    fi
}

teardown_file() {
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m immediate -s stop || true
    [[ -z ${MOUNTED:-} ]] || umount "$SMALL"
    pg_stop
}

setup() {
    fresh_db disk
}

teardown() {
    stop_writers
    [[ -z ${MOUNTED:-} ]] || mount -o remount,size=40m "$SMALL"
}

# About 26 MB in February, nearly all of it in the first of the new partitions.
wide_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, wide text,
                         PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         ALTER TABLE t ALTER wide SET STORAGE PLAIN;
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')
             ${MOUNTED:+TABLESPACE small};
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '1 min', 0, repeat('x', 2500)
           FROM generate_series(0, 9999) AS n"
}

# until_full COMMAND...: the copy of a run that is held at its beginning fails; a segment of WAL is smaller than the limit.
until_full() {
    hold "BEGIN; LOCK t IN ROW EXCLUSIVE MODE"
    start_partdemo "$@"
    wait_for sql_true "SELECT phase = 'begun' FROM partdemo.runs"
    [[ -n ${MOUNTED:-} ]] ||
        as_pg prlimit --fsize=$((17 * 1024 * 1024 + 100)): --pid "$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'partdemo'")"
    release
    end_partdemo
    exited 1
    has "$stderr" "could not extend file" "The run is kept at the phase 'captured'"
    [[ -z ${MOUNTED:-} ]] || has "$stderr" "No space left on device (53100)"
    is captured "SELECT phase FROM partdemo.runs"
    is t "SELECT copied > 0 FROM partdemo.runs"
    is 10000 "SELECT count(*) FROM t"
    # Others can do what needs no space.
    sql "DELETE FROM t WHERE u < 100"
}

@test "when there is space again, the same command goes on" {
    wide_table
    until_full "${SPLIT[@]}"
    if [[ -n ${MOUNTED:-} ]]; then
        run_partdemo "${SPLIT[@]}"
        exited 1
        mount -o remount,size=100m "$SMALL"
    fi
    run_partdemo "${SPLIT[@]}"
    exited 0
    has "$output" "goes on with the run"
    is_whole
    sound t
    is "9900|49990050" "SELECT count(*), sum(u) FROM t"
    is 0 "SELECT count(*) FROM pg_class AS c JOIN pg_tablespace AS s ON s.oid = c.reltablespace
           WHERE c.relname ~ '^t_feb_.\$' AND s.spcname <> 'small'"
}

@test "--abort removes every trace while the disk is full" {
    wide_table
    local before
    before=$(definitions)
    until_full "${SPLIT[@]}"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    has "$output" "every trace is removed"
    diff <(echo "$before") <(definitions)
    nothing_left
    sound t
    is "9900|49990050" "SELECT count(*), sum(u) FROM t"
    [[ -z ${MOUNTED:-} ]] || (($(df --output=avail -k "$SMALL" | tail -n 1) > 8000))
}

@test "a migration: --abort while the disk is full, and the same command when there is space" {
    # A plain table, whose tablespace the new partitions get.
    sql "CREATE TABLE t (u bigint PRIMARY KEY, k timestamp NOT NULL, v bigint NOT NULL, wide text) ${MOUNTED:+TABLESPACE small};
         ALTER TABLE t ALTER wide SET STORAGE PLAIN;
         INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '1 min', 0, repeat('x', 2500)
           FROM generate_series(0, 9999) AS n"
    local before migrate=(run online/migrate --table t --by 'RANGE (k)' --at '2024-02-01,2024-03-01,2024-04-01' --widen)
    before=$(definitions)
    until_full "${migrate[@]}"
    run_partdemo "${migrate[@]}" --abort
    exited 0
    diff <(echo "$before") <(definitions)
    nothing_left
    sql "INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '1 min', 0, repeat('x', 2500) FROM generate_series(0, 99) AS n"
    until_full "${migrate[@]}"
    [[ -z ${MOUNTED:-} ]] || mount -o remount,size=100m "$SMALL"
    run_partdemo "${migrate[@]}"
    exited 0
    has "$output" "goes on with the run"
    nothing_left
    sound t
    is "t_2024_02|9900|49990050" "SELECT tableoid::regclass, count(*), sum(u) FROM t GROUP BY 1"
}
