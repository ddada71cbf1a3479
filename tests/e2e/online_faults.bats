#!/usr/bin/env bats
# What can come between an online split: kills at any statement, --abort, old snapshots, long readers, people
# who alter things meanwhile. Never a wrong row, always a clear message, the table usable.

load ../lib
load ../online
load ../online_split

setup() {
    fresh_db faults
}

@test "killed again and again under writers, the same command goes on" {
    range_table 60000
    ledger t
    writers t "$KEY"
    local i
    for i in 02 05 09 14 20 30 40 60; do
        start_partdemo "${SPLIT[@]}"
        wait_for begun
        sleep "0.$i"
        if ((10#$i % 3)); then
            kill_partdemo
        else
            sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo'" >/dev/null
            end_partdemo
        fi
        ((status)) || break
        was_hit
    done
    ((HITS >= 2))
    run_partdemo "${SPLIT[@]}"
    exited 0
    end_writers
    is_whole
    as_the_ledger_says t
}

@test "the server is killed at several times" {
    range_table 60000
    ledger t
    local pause
    for pause in 0.15 0.35 0.6; do
        writers t "$KEY"
        start_partdemo "${SPLIT[@]}"
        sleep "$pause"
        as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m immediate -s stop
        end_partdemo
        stop_writers
        as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w -s start >/dev/null 2>&1
        as_the_ledger_says t
    done
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    as_the_ledger_says t
}

@test "--abort leaves everything as it was, whatever the phase" {
    range_table
    local before at
    before=$(definitions)
    for at in "begun|LOCK t_feb IN ROW EXCLUSIVE MODE" "built|LOCK t_rest IN ACCESS SHARE MODE" \
        "promised|LOCK t_feb IN ACCESS SHARE MODE"; do
        at_phase "${at%|*}" "${at#*|}"
        run_partdemo "${SPLIT[@]}" --abort
        exited 0
        has "$output" "every trace is removed"
        diff <(echo "$before") <(definitions)
        nothing_left
    done
    is 20000 "SELECT count(*) FROM t"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    has "$output" "already done, nothing was changed"
}

@test "--abort of what has no run says so, and of a table that is not there is refused" {
    range_table
    local command
    run_partdemo run online/split --table t --partition t_fbe --at 2024-02-10 --abort
    exited 0
    has "$stderr" "there is no run of online/split on t_fbe of t to abort"
    for command in "split --partition p" "merge --partitions a,b" "detach --partition p" "migrate --by HASH(u)" \
        "convert --by RANGE(k) --until 2025-01-01"; do
        # shellcheck disable=SC2086 # words
        run_partdemo run online/${command%% *} --table tt ${command#* } --abort
        exited 4
        has "$stderr" "there is no table tt, and no run on it to abort"
    done
    run_partdemo run online/split --table tt --partition p --abort --dry-run
    exited 4
    has "$stderr" "there is no table tt"
}

@test "a run that was begun with other words is not taken for this one" {
    range_table
    at_phase begun "LOCK t_feb IN ROW EXCLUSIVE MODE"
    run_partdemo run online/split --table t --partition t_feb --at 2024-02-10
    exited 2
    has "$stderr" "begun with other arguments: --at '2024-02-08,2024-02-15'"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
}

@test "a reader that stays makes the swap back out, and is named" {
    range_table
    hold "BEGIN; SELECT count(*) FROM t WHERE k >= '2024-02-05' AND k < '2024-02-06'"
    start_partdemo "${SPLIT[@]}"
    wait_for grep -q "trying again" "$BATS_TEST_TMPDIR/stderr"
    # Writers are held up by each try for less than --stall, never for as long as the reader stays.
    local begun ended
    begun=${EPOCHREALTIME/./}
    sql "INSERT INTO t SELECT 1000000 + n, '2024-02-10', 0 FROM generate_series(1, 100) AS n"
    ended=${EPOCHREALTIME/./}
    ((ended - begun < 500000))
    release
    end_partdemo
    exited 0
    has "$stderr" "holder, idle in transaction" "trying again"
    has "$output" "backed out before"
    is_whole
    is 20100 "SELECT count(*) FROM t"
}

@test "a writer that stays does not make others wait while the capture is tried" {
    range_table
    hold "BEGIN; UPDATE t SET v = 1 WHERE u = 5000"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'begun' FROM partdemo.runs"
    local i
    for ((i = 1; i <= 20; i++)); do # far less than a fifth of a second each
        sql "SET lock_timeout = '150ms'; INSERT INTO t VALUES (1000000 + $i, '2024-02-10', 0)"
    done
    release COMMIT
    end_partdemo
    exited 0
    is_whole
    is 20020 "SELECT count(*) FROM t"
}

@test "a session with an old snapshot is waited for and named; a naive swap would show it a hole" {
    range_table
    hold "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'promised' FROM partdemo.runs"
    sleep 0.5
    is promised "SELECT phase FROM partdemo.runs"
    release "SELECT count(*) FROM t"
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/held") == 20000 ]]
    end_partdemo
    exited 0
    has "$stderr" "a snapshot from before the copy" "holder, idle in transaction"
    is_whole

    # The naive recipe: copy, swap, no look at snapshots.
    sql "CREATE TABLE n (u bigint, k int) PARTITION BY RANGE (k); CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (0) TO (10);
         INSERT INTO n SELECT n, n % 10 FROM generate_series(1, 1000) AS n"
    hold "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
    sql "BEGIN; LOCK n; ALTER TABLE n DETACH PARTITION n_1; CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM (0) TO (10);
         INSERT INTO n SELECT * FROM n_1; COMMIT"
    release "SELECT count(*) FROM n"
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/held") == 0 ]]
}

@test "what is left is said: after Ctrl-C, and when patience ends" {
    range_table
    hold "BEGIN; LOCK t_feb IN ROW EXCLUSIVE MODE"
    run_partdemo "${SPLIT[@]}" --patience 300ms
    exited 1
    has "$stderr" "gave up after" "holder, idle in transaction" "The run is kept at the phase 'begun'"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'partdemo' AND wait_event_type = 'Lock'"
    kill -TERM "$PD_PID"
    end_partdemo
    exited 143
    has "$stderr" "The run is kept at the phase 'begun'" "--abort removes every trace"
    release
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    nothing_left
}

@test "TRUNCATE is refused while the run is there" {
    range_table
    at_phase promised "LOCK t_feb IN ACCESS SHARE MODE"
    refused 55006 "TRUNCATE t"
    refused 55006 "TRUNCATE t_feb"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    sql "TRUNCATE t"
}

@test "a capture that somebody disabled, even for a moment, ends the run; so does a new column" {
    range_table
    at_phase promised "LOCK t_feb IN ACCESS SHARE MODE"
    sql "ALTER TABLE t_feb DISABLE TRIGGER ALL; UPDATE t SET v = 5 WHERE u = 1500; ALTER TABLE t_feb ENABLE TRIGGER ALL;
         ALTER TABLE t_feb ENABLE ALWAYS TRIGGER partdemo_capture_1; ALTER TABLE t_feb ENABLE ALWAYS TRIGGER partdemo_guard_1"
    run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "nothing was swapped"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    at_phase promised "LOCK t_feb IN ACCESS SHARE MODE"
    sql "ALTER TABLE t_feb DISABLE TRIGGER ALL; ALTER TABLE t_feb ENABLE TRIGGER ALL"
    run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "were altered since the run began" "--abort"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    at_phase promised "LOCK t_feb IN ACCESS SHARE MODE"
    sql "ALTER TABLE t ADD COLUMN more int DEFAULT 3"
    run_partdemo "${SPLIT[@]}"
    exited 4
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    is 20000 "SELECT count(*) FROM t WHERE more = 3"
}

@test "settings of the role get in nobody's way" {
    range_table
    sql "ALTER DATABASE faults SET statement_timeout = '100ms'; ALTER DATABASE faults SET lock_timeout = '1ms';
         ALTER DATABASE faults SET default_transaction_isolation = 'serializable';
         ALTER DATABASE faults SET datestyle = 'German'; ALTER DATABASE faults SET enable_indexscan = off"
    PGOPTIONS="-c statement_timeout=100ms" run_partdemo "${SPLIT[@]}"
    exited 0
    sql "ALTER DATABASE faults RESET ALL"
    is_whole
    is 20000 "SELECT count(*) FROM t"
}

@test "the owner of the table can do it, without being a superuser" {
    range_table
    sql "DROP ROLE IF EXISTS its_owner; CREATE ROLE its_owner LOGIN; CREATE ROLE its_writer LOGIN"
    sql "GRANT CREATE ON DATABASE faults TO its_owner; GRANT CREATE ON SCHEMA public TO its_owner; ALTER TABLE t OWNER TO its_owner;
         ALTER TABLE t_feb OWNER TO its_owner; ALTER TABLE t_rest OWNER TO its_owner; GRANT INSERT, DELETE, SELECT ON t TO its_writer"
    hold "BEGIN; SELECT count(*) FROM t WHERE k >= '2024-02-05' AND k < '2024-02-06'"
    PGUSER=its_owner start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'promised' FROM partdemo.runs"
    # Who may write to the table needs no privilege on the log.
    PGUSER=its_writer sql "INSERT INTO t VALUES (-1, '2024-02-09', 0); DELETE FROM t WHERE u = 5000"
    release
    end_partdemo
    exited 0
    is_whole
    is 20000 "SELECT count(*) FROM t"
    is t_feb_2 "SELECT tableoid::regclass FROM t WHERE u = -1"
}
