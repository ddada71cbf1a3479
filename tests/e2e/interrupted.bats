#!/usr/bin/env bats
# Setup interrupted at any moment: what is left is whole, and the next run completes it.
#
# An event trigger in the test's database sleeps before the n-th DDL statement of a session, so that
# each interruption comes at a statement that the test chooses.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    # A commit that the test made must outlive the crashes that it causes.
    pg_start "autovacuum = off" "synchronous_commit = on"
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    fresh_db stops
    psql -Xqv ON_ERROR_STOP=1 <<'SQL'
CREATE SCHEMA stop;
CREATE FUNCTION stop.before_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    n int := coalesce(nullif(current_setting('stop.seen', true), ''), '0')::int + 1;
BEGIN
    PERFORM set_config('stop.seen', n::text, false);
    IF n = current_setting('stop.at', true)::int THEN
        PERFORM pg_sleep(current_setting('stop.seconds')::float);
    END IF;
END
$$;
CREATE EVENT TRIGGER stop ON ddl_command_start EXECUTE FUNCTION stop.before_ddl();
SQL
}

teardown_file() { pg_stop; }

setup() {
    cd "$E2E_WORK" || return
    PD_PID=
}

teardown() {
    [[ -z $PD_PID ]] || kill -9 "$PD_PID" 2>/dev/null || true
}

# new_db NAME: a database whose sessions do not stop.
new_db() {
    sql -d postgres "DROP DATABASE IF EXISTS $1 WITH (FORCE)"
    sql -d postgres "CREATE DATABASE $1 TEMPLATE stops"
    export PGDATABASE=$1
}

stopped() { sql_true "SELECT count(*) = 1 FROM pg_stat_activity
    WHERE datname = '$PGDATABASE' AND application_name = 'partdemo' AND wait_event = 'PgSleep'"; }

# stop_at N SECONDS [ARG...]: starts setup in a new database; returns when it sleeps before its N-th
# DDL statement. The sessions that come later do not stop.
stop_at() {
    new_db "t${BATS_TEST_NUMBER}_$1"
    sql -d postgres "ALTER DATABASE $PGDATABASE SET stop.at = $1"
    sql -d postgres "ALTER DATABASE $PGDATABASE SET stop.seconds = $2"
    start_partdemo run setup "${@:3}"
    wait_for stopped
    BACKEND=$(sql "SELECT pid FROM pg_stat_activity
        WHERE datname = '$PGDATABASE' AND application_name = 'partdemo'")
    sql -d postgres "ALTER DATABASE $PGDATABASE RESET stop.at"
}

gone() { sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $BACKEND"; }

server_answers() { sql -d postgres "SELECT" >/dev/null; }

# completes [COUNTS]: the next run does what is missing, the run after it nothing.
completes() {
    setup_is_atomic || return
    run_partdemo run setup "${@:2}"
    exited 0 || return
    setup_is_whole || return
    [[ $(table_counts) == "${1:-400 150 250 300}" ]] || return
    run_partdemo run setup -q "${@:2}"
    exited 0
    has "$output" "already done"
}

@test "kill -9 of partdemo: the server rolls the file back, the next run waits for that and completes" {
    local n
    for n in 1 17 64 150; do
        stop_at "$n" 1
        kill -9 "$PD_PID"
        end_partdemo
        exited 137
        completes
        gone
    done
}

@test "kill -9 at any time, without a trigger" {
    local delay
    for delay in 0.02 0.04 0.06 0.08 0.10 0.13 0.16 0.19; do
        fresh_db "t$BATS_TEST_NUMBER"
        start_partdemo run setup -q
        sleep "$delay"
        kill -9 "$PD_PID" 2>/dev/null || true
        end_partdemo
        completes
    done
}

@test "the backend is terminated: exit 1, one error that says so, the next run completes" {
    local n
    for n in 3 16 54 90 130 165; do
        stop_at "$n" 60
        sql "SELECT pg_terminate_backend($BACKEND)" >/dev/null
        end_partdemo
        exited 1
        has "$stderr" "57P01" "administrator command"
        [[ $(grep -c '^error:' <<<"$stderr") == 1 ]]
        completes
    done
}

@test "the backend is killed and the server recovers: the next run completes" {
    local n
    for n in 30 140; do
        stop_at "$n" 60
        kill -9 "$BACKEND"
        end_partdemo
        exited 1
        has "$stderr" "error:" "step "
        wait_for server_answers
        completes
    done
}

@test "the server is stopped at once and started again: the next run completes" {
    local n
    for n in 18 110; do
        stop_at "$n" 60
        as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m immediate -w stop >/dev/null
        end_partdemo
        exited 1
        run_partdemo run setup
        exited 3
        has "$stderr" "Is the server running?"
        as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w start >/dev/null 2>&1
        completes
    done
}

@test "Ctrl-C: exit 130, the statement ends at the server, nothing of the file is left" {
    local n
    for n in 5 35 120; do
        stop_at "$n" 60
        kill -INT "$PD_PID"
        end_partdemo
        exited 130
        has "$stderr" "interrupted"
        wait_for gone
        completes
    done
}

@test "SIGTERM: exit 143, the same way" {
    stop_at 70 60
    kill -TERM "$PD_PID"
    end_partdemo
    exited 143
    wait_for gone
    completes
}

@test "Ctrl-C between the copies of --rows: the next run adds what is missing, no row twice" {
    local victim
    for victim in users_distributed orders_by_region; do
        new_db "t${BATS_TEST_NUMBER}_$victim"
        psql -Xqv ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/00_setup_base_tables.sql" \
            -f "$PARTDEMO_SOURCE/sql/00_initial_seed_data.sql"
        sql "CREATE FUNCTION stop.before_row() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
             CREATE TRIGGER stop BEFORE INSERT ON $victim EXECUTE FUNCTION stop.before_row()"
        start_partdemo run setup --rows 5000 --seed 3
        wait_for stopped
        kill -INT "$PD_PID"
        end_partdemo
        exited 130
        is 2220 "SELECT count(*) FROM event_logs"
        is "$([[ $victim == users_distributed ]] && echo '150|250' || echo '831|250')" \
            "SELECT (SELECT count(*) FROM users_distributed), (SELECT count(*) FROM orders_by_region)"
        sql "DROP TRIGGER stop ON $victim"
        completes "2220 831 1386 1663" --rows 5000 --seed 3
    done
}

@test "Ctrl-C twice, and three times, of a server that answers nothing: it ends, exit 130" {
    local begun
    stop_at 50 60
    kill -STOP "$BACKEND"
    begun=$SECONDS
    kill -INT "$PD_PID"
    sleep 0.3
    kill -INT "$PD_PID"
    sleep 0.3
    kill -INT "$PD_PID" || true
    end_partdemo
    exited 130
    ((SECONDS - begun <= 3))
    sql "SELECT pg_terminate_backend($BACKEND)" >/dev/null
    kill -CONT "$BACKEND"
    wait_for gone
    completes
}

@test "Ctrl-C while it waits for another run's lock: exit 130, nothing touched" {
    stop_at 60 60
    local first=$PD_PID
    run timeout -s INT 1 "$PARTDEMO" run setup
    [[ $status == 124 || $status == 130 ]]
    has "$output" "another partdemo run works on this database: pid $BACKEND (partdemo, user "
    kill -INT "$first"
    PD_PID=$first
    end_partdemo
    exited 130
    completes
}

@test "two runs at once: one works, the other waits and then says already done" {
    stop_at 60 1.5
    local first=$PD_PID
    run_partdemo run setup
    exited 0
    has "$stderr" "another partdemo run works on this database: pid $BACKEND (partdemo, user "
    has "$output" "already done"
    wait "$first"
    setup_is_whole
}

@test "a lock that somebody holds: lock_timeout ends the statement, exit 1, nothing is changed" {
    new_db "t$BATS_TEST_NUMBER"
    psql -Xqv ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/00_setup_base_tables.sql" \
        -f "$PARTDEMO_SOURCE/sql/00_initial_seed_data.sql"
    local before holder
    before=$(fingerprint)
    psql -XAtq -c "BEGIN; LOCK TABLE event_logs IN ACCESS SHARE MODE; SELECT pg_sleep(30)" \
        >/dev/null 2>&1 3>&- 4>&- &
    holder=$!
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'event_logs'::regclass"
    run_partdemo run setup
    exited 1
    has "$stderr" "55P03" "lock timeout" "01_range_partitions.sql:" "rolled back"
    diff <(echo "$before") <(fingerprint)
    kill "$holder"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
    completes
}

@test "--reset interrupted after the drop: the next run without it completes" {
    new_db "t$BATS_TEST_NUMBER"
    partdemo run setup -q
    sql -d postgres "ALTER DATABASE $PGDATABASE SET stop.at = 5"
    sql -d postgres "ALTER DATABASE $PGDATABASE SET stop.seconds = 60"
    start_partdemo run setup --reset --yes
    wait_for stopped
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    sql -d postgres "ALTER DATABASE $PGDATABASE RESET stop.at"
    is 0 "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    completes
}
