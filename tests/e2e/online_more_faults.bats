#!/usr/bin/env bats
# What can come between online merges, migrations, conversions and detaches: the server and the backend killed, the
# capture disabled, timeouts of the role. Never a wrong row, always a clear message, the same command goes on.

load ../lib
load ../online

setup() {
    fresh_db more
}

# tables: p of two months and a default partition, and a plain one, q, of the same 6,000 rows.
tables() {
    sql "CREATE TABLE p (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE p_rest PARTITION OF p DEFAULT;
         INSERT INTO p SELECT n, timestamp '2024-01-25' + n * interval '10 min', 0 FROM generate_series(0, 5999) AS n;
         CREATE TABLE q (LIKE p INCLUDING ALL); INSERT INTO q TABLE p"
}
MERGE=(run online/merge --table p --partitions 'p_1,p_2' --name p_12)
MIGRATE=(run online/migrate --table p --by 'HASH (u)' --modulus 2)
CONVERT=(run online/convert --table q --by 'RANGE (k)' --until 2025-01-01 --at 2025-02-01)
DETACH=(run online/detach --table p --partition p_1 --archive kept --drop)

# at_phase PHASE SQL COMMAND...: the command runs and is at that phase, where the locks that SQL takes hold it up.
at_phase() {
    hold "BEGIN; $2"
    start_partdemo "${@:3}" --patience 1h
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs"
    sleep 0.2
}

# kill_server: with kill -9 of the postmaster, and starts it again once its other processes have noticed.
kill_server() {
    kill -9 "$(head -n 1 "$PG_TEST_DIR/data/postmaster.pid")"
    end_partdemo
    exited 1
    exec 8>&-
    wait "$HOLDER" || true
    rm "$BATS_TEST_TMPDIR/hold"
    wait_for as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w -s start >/dev/null 2>&1
}

# all_rows TABLE: every row as it was made, or with v = 1 where u < 100.
all_rows() {
    sound "$1"
    is "6000|17997000" "SELECT count(*), sum(u) FROM $1"
    is 0 "SELECT count(*) FROM $1 WHERE k <> timestamp '2024-01-25' + u * interval '10 min' OR v <> CASE WHEN u < 100 THEN 1 ELSE 0 END"
}

@test "the server is killed while a migration is captured, and while it waits to swap" {
    tables
    local at
    for at in "begun|LOCK p IN ROW EXCLUSIVE MODE" "built|LOCK p IN ACCESS SHARE MODE"; do
        at_phase "${at%|*}" "${at#*|}" "${MIGRATE[@]}"
        sql "UPDATE p SET v = 1 WHERE u < 100"
        sql "CHECKPOINT; UPDATE p SET v = 1 WHERE u < 100" # this one may be lost
        kill_server
        is "${at%|*}" "SELECT phase FROM partdemo.runs"
        all_rows p
    done
    run_partdemo "${MIGRATE[@]}"
    exited 0
    has "$output" "goes on with the run"
    is 2 "SELECT count(*) FROM pg_partition_tree('p') WHERE isleaf"
    all_rows p
    nothing_left
}

@test "the server is killed before and after a conversion has its CHECK" {
    tables
    sql "UPDATE q SET v = 1 WHERE u < 100; CREATE TABLE r (id int PRIMARY KEY); ALTER TABLE q ADD r int REFERENCES r; CHECKPOINT"
    local at
    for at in "begun|LOCK r IN ROW EXCLUSIVE MODE" "built|LOCK q IN ACCESS SHARE MODE"; do
        at_phase "${at%|*}" "${at#*|}" "${CONVERT[@]}"
        kill_server
        is t "SELECT phase IN ('begun', '${at%|*}') FROM partdemo.runs" # the last commits may be lost
        all_rows q
    done
    run_partdemo "${CONVERT[@]}"
    exited 0
    is 2 "SELECT count(*) FROM pg_partition_tree('q') WHERE isleaf"
    all_rows q
    nothing_left
}

@test "the backend of a merge, of a migration, of a conversion and of a detach is ended" {
    tables
    sql "UPDATE p SET v = 1 WHERE u < 100; UPDATE q SET v = 1 WHERE u < 100"
    local each command phase table
    for each in "MERGE|built|p" "DETACH|begun|p" "MIGRATE|built|p" "CONVERT|built|q"; do
        IFS='|' read -r command phase table <<<"$each"
        local -n words=$command
        if [[ $command == DETACH ]]; then
            sql "ALTER TABLE p DETACH PARTITION p_12; CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
                 INSERT INTO p TABLE p_12; DROP TABLE p_12"
        fi
        at_phase "$phase" "LOCK $table IN ACCESS SHARE MODE" "${words[@]}"
        sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo'" >/dev/null
        end_partdemo
        exited 1
        # Between two tries it finds the connection closed.
        [[ $stderr =~ "terminating connection due to administrator command"|"server closed the connection" ]]
        release
        all_rows "$table"
        run_partdemo "${words[@]}"
        exited 0
        has "$output" "goes on with the run"
        if [[ $command == DETACH ]]; then
            sql "INSERT INTO p TABLE kept"
        fi
        all_rows "$table"
        nothing_left
    done
}

@test "a capture that somebody disabled ends a merge and a migration; after --abort they can begin again" {
    tables
    sql "UPDATE p SET v = 1 WHERE u < 100"
    local command phase=promised lock="LOCK p_2 IN ACCESS SHARE MODE"
    for command in MERGE MIGRATE; do
        local -n words=$command
        [[ $command != MIGRATE ]] || phase=built
        # Disabled while a row changes, and enabled again as if nothing had been.
        at_phase $phase "$lock" "${words[@]}"
        kill_partdemo
        release
        sql "ALTER TABLE p_2 DISABLE TRIGGER ALL; UPDATE p_2 SET v = 5 WHERE u = 1500; ALTER TABLE p_2 ENABLE TRIGGER ALL;
             DO \$\$DECLARE name text; BEGIN
                 FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'p_2'::regclass AND tgname LIKE 'partdemo%' LOOP
                     EXECUTE format('ALTER TABLE p_2 ENABLE ALWAYS TRIGGER %I', name);
                 END LOOP;
             END\$\$"
        run_partdemo "${words[@]}"
        exited 4
        has "$stderr" "nothing was swapped" "--abort"
        run_partdemo "${words[@]}" --abort
        exited 0
        # Disabled for nothing: that cannot be known, so the run ends, too.
        at_phase $phase "$lock" "${words[@]}"
        sql "ALTER TABLE p_2 DISABLE TRIGGER ALL; ALTER TABLE p_2 ENABLE TRIGGER ALL; UPDATE p SET v = 0 WHERE u = 1500"
        release
        end_partdemo
        exited 4
        has "$stderr" "were altered since the run began" "--abort"
        run_partdemo "${words[@]}" --abort
        exited 0
        all_rows p
        nothing_left
    done
    run_partdemo "${MERGE[@]}"
    exited 0
    all_rows p
    run_partdemo "${MIGRATE[@]}"
    exited 0
    all_rows p
    nothing_left
}

@test "timeouts of the role get in nobody's way: merge and its undo, migrate, convert, detach" {
    tables
    # Statements of the run that take longer than they might: building, analyzing, validating.
    sql "UPDATE p SET v = 1 WHERE u < 100; UPDATE q SET v = 1 WHERE u < 100;
         CREATE FUNCTION slow(bigint) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(CASE WHEN \$1 = 200 THEN 0.15 ELSE 0 END); RETURN true; END';
         CREATE INDEX p_slow ON p (slow(u)); ALTER TABLE q ADD CHECK (slow(u));
         DROP ROLE IF EXISTS hasty; CREATE ROLE hasty LOGIN; ALTER ROLE hasty SET statement_timeout = '100ms';
         ALTER ROLE hasty SET lock_timeout = '1ms'; ALTER ROLE hasty SET idle_in_transaction_session_timeout = '1ms';
         ALTER ROLE hasty SET idle_session_timeout = '20ms';
         GRANT CREATE ON DATABASE more TO hasty; GRANT CREATE ON SCHEMA public TO hasty; GRANT pg_monitor TO hasty;
         ALTER TABLE p OWNER TO hasty; ALTER TABLE p_1 OWNER TO hasty; ALTER TABLE p_2 OWNER TO hasty;
         ALTER TABLE p_rest OWNER TO hasty; ALTER TABLE q OWNER TO hasty"
    if (($(sql "SHOW server_version_num") >= 170000)); then
        sql "ALTER ROLE hasty SET transaction_timeout = '100ms'"
    fi
    local command
    for command in "${MERGE[*]} --keep-old" "${MERGE[*]} --undo" "${DETACH[*]}" "${CONVERT[*]}"; do
        command=${command/RANGE (k)/RANGE(k)}
        # shellcheck disable=SC2086 # words
        PGUSER=hasty run_partdemo $command
        exited 0
    done
    sql "INSERT INTO p TABLE kept"
    PGUSER=hasty run_partdemo "${MIGRATE[@]}"
    exited 0
    all_rows p
    all_rows q
    is "2|2" "SELECT (SELECT count(*) FROM pg_partition_tree('p') WHERE isleaf), (SELECT count(*) FROM pg_partition_tree('q') WHERE isleaf)"
    nothing_left
    sql "DROP OWNED BY hasty; DROP ROLE hasty"
}
