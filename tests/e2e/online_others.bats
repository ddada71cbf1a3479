#!/usr/bin/env bats
# What others do to the table of an online split meanwhile: drop, detach, alter, lock it the other way round, change it
# online, too. Always a clear message, never a wrong row, and --abort leaves the table usable.

load ../lib
load ../online
load ../online_split

setup() {
    fresh_db others
}

# ended_by MESSAGE [SQL]: after somebody executed the SQL the same command ends with that message; --abort clears
# all up, and whoever writes to the table can.
ended_by() {
    [[ -z ${2:-} ]] || sql "$2" 2>/dev/null
    run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "$1" "--abort removes every trace"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    nothing_left
    is 0 "SELECT count(*) FROM pg_class WHERE relname ~ '^t_feb_[123]'"
}

BEGUN="LOCK t_feb IN ROW EXCLUSIVE MODE"
PROMISED="LOCK t_feb IN ACCESS SHARE MODE"

@test "the partition is altered before the capture: a column's type, an index" {
    range_table
    at_phase begun "$BEGUN"
    ended_by "public.t_feb: triggers, columns or constraints were altered" "ALTER TABLE t ALTER v TYPE numeric"
    at_phase begun "$BEGUN"
    ended_by "public.t_feb: triggers, columns or constraints were altered" "CREATE INDEX late ON t (v, u)"
    at_phase promised "$PROMISED"
    ended_by "public.t_feb was altered since the run began" "ALTER TABLE t ALTER v TYPE bigint"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    is 0 "SELECT count(*) FROM pg_partition_tree('t') WHERE isleaf AND NOT EXISTS (
              SELECT FROM pg_index WHERE indrelid = relid AND pg_get_indexdef(indexrelid) LIKE '%(v, u)')"
    is "20000|199990000" "SELECT count(*), sum(u) FROM t"
}

@test "the partition is detached, dropped, the table dropped" {
    range_table
    at_phase promised "$PROMISED"
    ended_by "public.t_feb is no partition of public.t any more" "ALTER TABLE t DETACH PARTITION t_feb"
    is 18560 "SELECT count(*) FROM t_feb"
    sql "UPDATE t_feb SET v = 1 WHERE u = 5000;
         ALTER TABLE t ATTACH PARTITION t_feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"
    at_phase begun "$BEGUN"
    ended_by "public.t_feb is no partition of public.t any more" "DROP TABLE t_feb"
    is 1440 "SELECT count(*) FROM t"
    sql "CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         INSERT INTO t SELECT n, '2024-02-10', 0 FROM generate_series(1, 100) AS n"
    at_phase promised "$PROMISED"
    ended_by "public.t_feb is no partition of public.t any more" "DROP TABLE t"
}

@test "what the run made for itself is dropped: the log, a new partition, the schema" {
    range_table
    at_phase promised "$PROMISED"
    ended_by "partdemo.log_1, which the run made, is not there any more" "DROP TABLE partdemo.log_1"
    at_phase promised "$PROMISED"
    ended_by "public.t_feb_2, which the run made, is not there any more" "DROP TABLE t_feb_2"
    sql "UPDATE t SET v = 1"
    at_phase promised "$PROMISED"
    sql "DROP SCHEMA partdemo CASCADE" 2>/dev/null
    sql "UPDATE t SET v = 2"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    is 20000 "SELECT count(*) FROM t WHERE v = 2"
}

@test "a session that locks the partition first and the table then is never a deadlock's victim" {
    range_table
    hold "BEGIN; SELECT count(*) FROM t_feb"
    start_partdemo "${SPLIT[@]}" --stall 20s
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 't_feb'::regclass AND NOT granted"
    release "SELECT count(*) FROM t; UPDATE t SET v = 7 WHERE u = 5000; COMMIT"
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/held") == 20000 ]]
    end_partdemo
    exited 0
    is_whole
    is 7 "SELECT v FROM t WHERE u = 5000"
    # A merge captures on several partitions at once.
    sql "CREATE TABLE note (n int)"
    hold "BEGIN; UPDATE t_feb_2 SET v = 8 WHERE u = 10000; INSERT INTO note VALUES (1)"
    start_partdemo run online/merge --table t --partitions t_feb_1,t_feb_2,t_feb_3
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 't_feb_2'::regclass AND NOT granted"
    release "UPDATE t SET v = 8 WHERE u = 5000; COMMIT"
    end_partdemo
    exited 0
    is "2|1" "SELECT count(*), (SELECT count(*) FROM note) FROM t WHERE v = 8"
    nothing_left
}

@test "two of the same command, and of two partitions: one works, the other waits and says for whom" {
    range_table
    hold "BEGIN; $PROMISED"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'promised' FROM partdemo.runs"
    local first=$PD_PID backend same other
    backend=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'partdemo'")
    "$PARTDEMO" "${SPLIT[@]}" >"$BATS_TEST_TMPDIR/same" 2>&1 </dev/null 3>&- 4>&- &
    same=$!
    "$PARTDEMO" run online/split --table t --partition t_jan --at 2024-01-31 >"$BATS_TEST_TMPDIR/other" 2>&1 </dev/null 3>&- 4>&- &
    other=$!
    wait_for grep -q "another partdemo run works on this database: pid $backend (partdemo" "$BATS_TEST_TMPDIR/same"
    wait_for grep -q "another partdemo run works on this database: pid" "$BATS_TEST_TMPDIR/other"
    is 1 "SELECT count(*) FROM partdemo.runs"
    release
    PD_PID=$first end_partdemo
    exited 0
    wait "$same"
    wait "$other"
    grep -q "already done" "$BATS_TEST_TMPDIR/same"
    is 't_feb_1,t_feb_2,t_feb_3,t_jan_1,t_jan_2,t_rest' \
        "SELECT string_agg(relid::text, ',' ORDER BY relid::text) FROM pg_partition_tree('t') WHERE isleaf"
    is "20000|199990000" "SELECT count(*), sum(u) FROM t"
    nothing_left
}

# meets END ARG...: while the command begins, another session makes what a plan or a run makes first, and then ends its
# transaction with END. It waits longer than one try for a lock lasts.
meets() {
    hold "BEGIN; CREATE SCHEMA partdemo"
    start_partdemo "${@:2}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'partdemo' AND wait_event_type = 'Lock'"
    sleep 0.6
    release "$1"
    end_partdemo
    exited 0
}

@test "what a plan makes for itself at the same time is waited for, in a run and in a plan" {
    range_table
    sql "CREATE TABLE p (u int PRIMARY KEY); INSERT INTO p VALUES (1)"
    local each
    for each in "split --table t --partition t_feb --at 2024-02-05" "merge --table t --partitions t_feb_1,t_feb_2 --name t_feb" \
        "detach --table t --partition t_feb" "migrate --table p --by HASH(u) --modulus 2"; do
        # shellcheck disable=SC2086
        meets ROLLBACK run online/$each --dry-run
        has "$output" "(dry run: nothing is changed)"
        # shellcheck disable=SC2086
        meets COMMIT run online/$each --dry-run
        sql "DROP SCHEMA partdemo"
        # shellcheck disable=SC2086
        meets ROLLBACK run online/$each
        nothing_left
    done
}

@test "another run that was left behind on the partition is in the way, and is named" {
    range_table
    at_phase begun "$BEGUN"
    run_partdemo run online/merge --table t --partitions t_jan,t_feb --name t_both
    exited 4
    has "$stderr" "another run is in the way: split of public.t_feb" "begun with --at '2024-02-08,2024-02-15'"
    run_partdemo run online/detach --table t --partition t_feb
    exited 4
    has "$stderr" "another run is in the way: split of public.t_feb"
    # The one on another partition is not in the way.
    run_partdemo run online/split --table t --partition t_jan --at 2024-01-31
    exited 0
    run_partdemo "${SPLIT[@]}"
    exited 0
    nothing_left
    is "20000|199990000" "SELECT count(*), sum(u) FROM t"
}

@test "timeouts of the role get in nobody's way" {
    range_table
    sql "DROP ROLE IF EXISTS hasty; CREATE ROLE hasty LOGIN; ALTER ROLE hasty SET statement_timeout = '100ms';
         ALTER ROLE hasty SET lock_timeout = '1ms'; ALTER ROLE hasty SET idle_in_transaction_session_timeout = '1ms';
         ALTER ROLE hasty IN DATABASE others SET default_transaction_deferrable = on;
         GRANT CREATE ON DATABASE others TO hasty; GRANT CREATE ON SCHEMA public TO hasty;
         ALTER TABLE t OWNER TO hasty; ALTER TABLE t_feb OWNER TO hasty; ALTER TABLE t_rest OWNER TO hasty"
    hold "BEGIN; $PROMISED"
    PGUSER=hasty start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'promised' FROM partdemo.runs"
    sleep 0.5
    release
    end_partdemo
    exited 0
    is_whole
    is "20000|199990000" "SELECT count(*), sum(u) FROM t"
    sql "DROP OWNED BY hasty; DROP ROLE hasty"
}

@test "forced row security would hide rows from the copy: it is refused, and whoever sees all rows may go on" {
    range_table
    sql "DROP ROLE IF EXISTS blind; CREATE ROLE blind LOGIN; GRANT CREATE ON DATABASE others TO blind; GRANT CREATE ON SCHEMA public TO blind;
         ALTER TABLE t OWNER TO blind; ALTER TABLE t_feb OWNER TO blind; ALTER TABLE t_rest OWNER TO blind;
         CREATE POLICY half ON t_feb USING (u % 2 = 0); ALTER TABLE t_feb ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    PGUSER=blind run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "the row security of public.t_feb: it is forced" "NO FORCE ROW LEVEL SECURITY"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    is "20000|199990000" "SELECT count(*), sum(u) FROM t"
    is 3 "SELECT count(*) FROM pg_class WHERE relname ~ '^t_feb_' AND relkind = 'r' AND relforcerowsecurity"
    sql "DROP OWNED BY blind; DROP ROLE blind"
}

@test "an old snapshot is seen by a role that may not look at other sessions" {
    range_table
    sql "DROP ROLE IF EXISTS blind; CREATE ROLE blind LOGIN; GRANT CREATE ON DATABASE others TO blind; GRANT CREATE ON SCHEMA public TO blind;
         ALTER TABLE t OWNER TO blind; ALTER TABLE t_feb OWNER TO blind; ALTER TABLE t_rest OWNER TO blind"
    hold "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
    PGUSER=blind start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT phase = 'promised' FROM partdemo.runs"
    sleep 0.5
    is promised "SELECT phase FROM partdemo.runs"
    release "SELECT count(*) FROM t"
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/held") == 20000 ]]
    end_partdemo
    exited 0
    is_whole
    sql "DROP OWNED BY blind; DROP ROLE blind"
}

@test "what somebody gives to the partition while the run lasts is not lost: the run says so" {
    range_table
    at_phase promised "$PROMISED"
    sql "COMMENT ON TABLE t_feb IS 'mine'; CREATE STATISTICS st ON u, v FROM t_feb"
    run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "public.t_feb was altered since the run began" "comment mine" "statistics"
    sql "COMMENT ON TABLE t_feb IS NULL; DROP STATISTICS st; CREATE VIEW seen AS SELECT * FROM t_feb"
    run_partdemo "${SPLIT[@]}"
    exited 4
    has "$stderr" "the view seen"
    sql "DROP VIEW seen"
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
}

@test "statements elsewhere, one after the other without a pause, do not hold the swap up" {
    range_table
    ledger t
    writers t "$KEY" -R 300
    yes 'SELECT pg_sleep(0.3);' | head -n 200 | PGAPPNAME=busy psql -XAtq >/dev/null 2>&1 3>&- 4>&- &
    local busy=$!
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'busy' AND state = 'active'"
    run_partdemo "${SPLIT[@]}" --patience 6s
    kill "$busy" 2>/dev/null || true
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'busy'" >/dev/null
    exited 0
    end_writers
    is_whole
    as_the_ledger_says t
}
