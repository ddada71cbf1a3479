#!/usr/bin/env bats
# Each scenario killed between any two of its statements: what is left is whole, and the same command
# finishes it. A proxy between partdemo and the server holds one statement back, and then partdemo,
# its backend or the server is killed. The judge is the plain SQL of any_order.sql.
#
# A run tries every 16th statement, others on each version of PostgreSQL; PARTDEMO_KILLS=all tries
# each.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    # What the judge noted must outlive the crashes that the tests cause.
    pg_start "autovacuum = off" "synchronous_commit = on"
    cd "$PG_TEST_DIR" || return
    fresh_db setup
    partdemo run setup -q
    psql -Xq -v ON_ERROR_STOP=1 -f "$PARTDEMO_SOURCE/tests/e2e/any_order.sql"
    sql "SELECT judge.odd_rows(1); SELECT judge.note()" >/dev/null
    # All that there is to clean up, and rows that came later.
    sql -d postgres "CREATE DATABASE changed TEMPLATE setup"
    export PGDATABASE=changed
    local scenario
    for scenario in add split detach migrate; do
        partdemo run "$scenario" -q
    done
    sql "SELECT judge.odd_rows(2); SELECT judge.note()" >/dev/null
    mkdir "$PG_TEST_DIR/proxy"
}

teardown_file() { pg_stop; }

setup() {
    cd "$PG_TEST_DIR" || return
    PD_PID='' PROXY_PID=''
    LOG=$BATS_TEST_TMPDIR/log
}

teardown() {
    stop_proxy
    [[ -z $PD_PID ]] || kill -9 "$PD_PID" 2>/dev/null || true
}

listening() { grep -q listening "$LOG"; }
stopped() { grep -q stopped "$LOG"; }
ended() { ! kill -0 "$PD_PID" 2>/dev/null; }
server_answers() { sql -d postgres "SELECT" >/dev/null; }
no_backend() { sql_true "SELECT count(*) = 0 FROM pg_stat_activity
    WHERE datname = '$PGDATABASE' AND application_name = 'partdemo'"; }

stop_proxy() {
    [[ -z $PROXY_PID ]] || kill "$PROXY_PID" 2>/dev/null || true
    PROXY_PID=''
}

# begin SCENARIO TEMPLATE STOP_AT: runs it in a copy of the database through a proxy. Fails when the
# scenario has fewer statements and is done.
begin() {
    sql -d postgres "DROP DATABASE IF EXISTS victim WITH (FORCE)"
    sql -d postgres "CREATE DATABASE victim TEMPLATE $2"
    export PGDATABASE=victim
    rm -f "$LOG" "$PG_TEST_DIR/proxy/.s.PGSQL.5432"
    node "$PARTDEMO_SOURCE/tests/e2e/stop_proxy.mjs" "$PG_TEST_DIR/proxy/.s.PGSQL.5432" \
        "$PG_TEST_DIR/.s.PGSQL.5432" "$3" "$LOG" 3>&- 4>&- &
    PROXY_PID=$!
    wait_for listening || return
    PGHOST=$PG_TEST_DIR/proxy start_partdemo run "$1" -q
    until stopped; do
        ended && return 1
        sleep 0.01
    done
    BACKEND=$(sql "SELECT pid FROM pg_stat_activity
        WHERE datname = 'victim' AND application_name = 'partdemo' ORDER BY backend_start LIMIT 1")
}

kill_partdemo() {
    kill -9 "$PD_PID"
    end_partdemo
    stop_proxy
    exited 137
}

# While it connects, losing the server is exit code 3.
died_of_it() {

    [[ $status == 3 ]] || exited 1 || return
    # shellcheck disable=SC2154 # end_partdemo sets it
    has "$stderr" "error:"
}

kill_backend() {
    sql "SELECT pg_terminate_backend($BACKEND)" >/dev/null
    end_partdemo
    stop_proxy
    died_of_it
}

kill_server() {
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m immediate -w stop >/dev/null
    end_partdemo
    stop_proxy
    died_of_it || return
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w start >/dev/null 2>&1
    wait_for server_answers
}

# is_whole: nothing is lost, doubled or half done.
is_whole() {
    wait_for no_backend && is "" "SELECT judge.verdict() LIMIT 20"
}

# walk SCENARIO [TEMPLATE]: kills it at one statement after the other, then finishes it.
walk() {
    local scenario=$1 template=${2:-setup} at step=16 n=0 kind kinds=(partdemo backend partdemo backend server)
    sql -d postgres "CREATE DATABASE finished TEMPLATE $template"
    PGDATABASE=finished partdemo run "$scenario" -q
    PGDATABASE=finished catalog >"$BATS_TEST_TMPDIR/finished"
    sql -d postgres "DROP DATABASE finished"
    at=$(($(sql -d postgres "SELECT current_setting('server_version_num')::int / 10000") % 4 * 4 + 1))
    [[ ${PARTDEMO_KILLS:-} != all ]] || at=1 step=1
    for (( ; ; at += step, n++)); do
        begin "$scenario" "$template" "$at" || break
        kind=${kinds[n % ${#kinds[@]}]}
        if ! "kill_$kind" || ! is_whole; then
            echo "$kind killed before statement $at of $scenario" >&2
            return 1
        fi
        run_partdemo run "$scenario" -q
        if ! exited 0 || ! is_whole || ! diff "$BATS_TEST_TMPDIR/finished" <(catalog) >&2; then
            echo "not finished after $kind was killed before statement $at of $scenario" >&2
            return 1
        fi
    done
    # The last one was not stopped: it ran to its end.
    end_partdemo
    exited 0
    ((n > 3))
}

@test "add, killed before any statement, is finished by the next run" { walk add; }
@test "split, killed before any statement, is finished by the next run" { walk split; }
@test "detach, killed before any statement, is finished by the next run" { walk detach; }
@test "migrate, killed before any statement, is finished by the next run" { walk migrate; }
@test "cleanup, killed before any statement, is finished by the next run" { walk cleanup changed; }
