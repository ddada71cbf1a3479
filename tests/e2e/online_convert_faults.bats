#!/usr/bin/env bats
# What can come between an online conversion: rows out of the bound, kills at any statement, --abort, readers that stay, people
# who alter things meanwhile. Never a wrong row, always a clear message, the table usable.

load ../lib
load ../online
load ../convert

setup() {
    fresh_db convert
}

@test "rows out of the bound are found and listed, also one that comes before the CHECK" {
    range_table
    local before
    before=$(definitions)
    run_partdemo "${RANGE[@]}" --until 2024-02-01
    exited 4
    has "$stderr" "at least 1,000 rows of public.t cannot be in a partition FOR VALUES FROM (MINVALUE) TO ('2024-02-01')" \
        "SELECT * FROM public.t WHERE (((k IS NOT NULL) AND (k <"
    diff <(echo "$before") <(definitions)
    hold "BEGIN; INSERT INTO t VALUES (-1, '2025-01-05', 0)"
    start_partdemo "${RANGE[@]}"
    wait_for sql_true "SELECT phase = 'built' FROM partdemo.runs"
    sleep 0.3
    release COMMIT
    end_partdemo
    exited 4
    has "$stderr" "1 row of public.t cannot be in a partition"
    sql "INSERT INTO t VALUES (-2, '2025-01-05', 0); DELETE FROM t WHERE u < 0" # the CHECK is gone
    run_partdemo "${RANGE[@]}"
    exited 0
    is_whole
}

@test "killed again and again under writers, the same command goes on" {
    range_table
    sql "CREATE TABLE r (id int PRIMARY KEY); ALTER TABLE t ADD r int REFERENCES r;
         ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (u); INSERT INTO t SELECT n, '2024-03-01', 0 FROM generate_series(6000, 99999) AS n"
    ledger t
    writers t "$RANGE_KEY"
    local i
    for i in 1 2 3 4 5 6 7 8; do
        start_partdemo "${RANGE[@]}" --widen
        sleep "0.$((4 * i))"
        if ((i % 3)); then
            kill -9 "$PD_PID" 2>/dev/null || true
        else
            sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo'" >/dev/null
        fi
        end_partdemo
        ((status)) || break
    done
    run_partdemo "${RANGE[@]}" --widen
    exited 0
    end_writers
    is_whole
    as_the_ledger_says t
    is 'PRIMARY KEY (u, k)' "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'p'"
}

# at_phase PHASE SQL OPTION...: a run that was killed at that phase, where the locks that SQL takes held it up.
at_phase() {
    hold "BEGIN; $2"
    start_partdemo "${RANGE[@]}" --patience 1h "${@:3}"
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs"
    sleep 0.2
    kill -9 "$PD_PID"
    end_partdemo
    release
    is "$1" "SELECT phase FROM partdemo.runs"
}

@test "--abort leaves everything as it was, whatever the phase; the same command goes on from each" {
    range_table
    sql "CREATE TABLE r (id int PRIMARY KEY); ALTER TABLE t ADD r int REFERENCES r, ADD UNIQUE (u)"
    local before at
    before=$(definitions)
    for at in "begun|LOCK r IN ROW EXCLUSIVE MODE" "built|LOCK t IN ACCESS SHARE MODE"; do
        at_phase "${at%|*}" "${at#*|}" --widen
        run_partdemo "${RANGE[@]}" --widen --abort
        exited 0
        has "$output" "every trace is removed"
        diff <(echo "$before") <(definitions)
        nothing_left
    done
    # As the default partition alone it needs no CHECK, and comes to the swap beside a reader.
    RANGE=(run online/convert --table t --by 'RANGE (k)' --as-default --name t_hist)
    at_phase promised "LOCK t IN ACCESS SHARE MODE" --widen
    run_partdemo "${RANGE[@]}"
    exited 2
    has "$stderr" "begun with other arguments" "--widen"
    run_partdemo "${RANGE[@]}" --widen --abort
    exited 0
    diff <(echo "$before") <(definitions)
    nothing_left
    for at in "begun|LOCK r IN ROW EXCLUSIVE MODE" "built|LOCK t IN ACCESS SHARE MODE"; do
        [[ $at != built* ]] || RANGE=(run online/convert --table t --by 'RANGE (k)' --until 2025-01-01)
        at_phase "${at%|*}" "${at#*|}" --widen
        run_partdemo "${RANGE[@]}" --widen
        exited 0
        nothing_left
        is 6000 "SELECT count(*) FROM t"
        run_partdemo "${RANGE[@]}" --widen --abort
        exited 0
        sql "ALTER TABLE t DETACH PARTITION t_hist; ALTER TABLE t RENAME TO gone; DROP TABLE gone; ALTER TABLE t_hist RENAME TO t;
             ALTER TABLE t DROP CONSTRAINT t_hist_pkey, DROP CONSTRAINT t_hist_u_key, ADD PRIMARY KEY (u, k), ADD UNIQUE (u)"
    done
}

@test "what somebody alters meanwhile ends the run, before or at the swap" {
    range_table
    at_phase built "LOCK t IN ACCESS SHARE MODE"
    sql "ALTER TABLE t ADD more int"
    run_partdemo "${RANGE[@]}"
    exited 4
    has "$stderr" "was altered since the run began" "+ column more integer"
    run_partdemo "${RANGE[@]}" --abort
    exited 0
    RANGE=(run online/convert --table t --by 'RANGE (k)' --as-default)
    at_phase promised "LOCK t IN ACCESS SHARE MODE"
    sql "CREATE POLICY p ON t"
    run_partdemo "${RANGE[@]}"
    exited 4
    has "$stderr" "was altered since the run began" "+ policy p"
    # What is as it was again can have been another thing for a while.
    sql "DROP POLICY p ON t; ALTER TABLE t ALTER v SET STATISTICS 5; ALTER TABLE t ALTER v SET STATISTICS -1"
    run_partdemo "${RANGE[@]}"
    exited 4
    has "$stderr" "were altered since the run began" "Nothing was swapped"
    is r "SELECT relkind FROM pg_class WHERE relname = 't'"
    run_partdemo "${RANGE[@]}" --abort
    exited 0
    nothing_left
}

@test "a reader that stays makes the swap back out, and is named; an old snapshot sees every row" {
    range_table
    RANGE=(run online/convert --table t --by 'RANGE (k)' --as-default)
    hold "BEGIN; SELECT count(*) FROM t"
    start_partdemo "${RANGE[@]}"
    wait_for grep -q "trying again" "$BATS_TEST_TMPDIR/stderr"
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
    sql "ALTER TABLE t DETACH PARTITION t_hist; DROP TABLE t; ALTER TABLE t_hist RENAME TO t"
    hold "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
    run_partdemo "${RANGE[@]}"
    exited 0
    release "SELECT count(*) FROM t"
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/held") == 6100 ]]
}
