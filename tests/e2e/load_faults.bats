#!/usr/bin/env bats
# The load under faults and signals: locks, lost connections, a server that goes away, Ctrl-C.

bats_require_minimum_version 1.5.0
load ../lib
load load_helpers

# kill_backends N: ends a client's backend N times, at random; not the one that holds the run's lock.
kill_backends() {
    local i
    for ((i = 0; i < $1; i++)); do
        sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND pid <> (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted LIMIT 1)
             ORDER BY random() LIMIT 1" >/dev/null
        sleep 0.05
    done
}

# bats test_tags=threads
@test "killed backends: what was acknowledged is there, and the run goes on" {
    start_load --max --clients 6
    wait_for made_rows 100
    kill_backends 25
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.total.reconnects >= 15' 'd.total.errors >= 10' 'd.total.ops > 1000' \
        'Object.values(d.ops).every(e => Object.keys(e.errors).every(s => /^(57P01|08006)$/.test(s)))' \
        'Object.values(d.ops).reduce((n, e) => n + e.ops, 0) === d.total.ops'
    accounted
}

# bats test_tags=threads
@test "killed backends under --pipeline: whole batches or nothing" {
    start_load --max --clients 4 --pipeline 7
    wait_for made_rows 100
    kill_backends 15
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.total.reconnects >= 8' 'd.total.errors % 7 === 0'
    accounted
}

@test "the server restarts: the run goes on and counts" {
    sql "ALTER DATABASE $PGDATABASE SET synchronous_commit = on" # or a crash loses acknowledged rows
    start_load --rate 300 --clients 4 --duration 4s
    wait_for made_rows 50
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -m immediate -w -s restart \
        >/dev/null 2>&1 3>&- 4>&-
    local after
    after=$(rows)
    wait_for made_rows $((after - BASE + 100))
    end_partdemo
    exited 0
    holds 'd.total.reconnects >= 4' 'd.total.ops + d.total.errors + d.total.unsent === 1200'
    accounted
}

@test "a lock under a rate: every operation is accounted for, and the percentiles show it" {
    start_load --rate 500 --clients 4 --duration 5s
    wait_for made_rows 200
    sql "LOCK event_logs, users_distributed, orders_by_region, sales_data IN ACCESS EXCLUSIVE MODE;
         SELECT pg_sleep(3)" >/dev/null
    end_partdemo
    exited 0
    holds 'd.total.ops + d.total.errors + d.total.unsent === 2500' 'd.total.errors === 0' \
        'd.ops.event.p99_ms > 1000' 'd.ops.event.max_ms > 2500' 'd.ops.event.uncorrected.p99_ms < 1000'
    is t "SELECT $(rows) = $BASE + $(json d.total.ops)"
}

@test "Ctrl-C: the full summary and exit 0" {
    start_load --max --clients 2
    wait_for made_rows 100
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.outcome === "done"' 'd.total.ops >= 100' 'd.total.unknown === 0'
    is t "SELECT $(rows) = $BASE + $(json d.total.ops)"
}

# bats test_tags=threads
@test "Ctrl-C under a rate that cannot be reached: what is due is done, nothing more becomes due" {
    own_mix slow <<'LUA'
return { summary = "at most 500 a second and client",
  { weight = 1, name = "slow", sql = "INSERT INTO event_logs (event_type, user_id) SELECT 'x', 1 FROM pg_sleep(0.002)" } }
LUA
    start_load --mix slow.lua --rate 2000 --clients 2
    wait_for made_rows 500
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.total.unsent === 0' 'd.total.unknown === 0' 'd.total.errors === 0'
    is t "SELECT $(rows) = $BASE + $(json d.total.ops)"
}

@test "the server goes away for good: the run ends with what it knows" {
    start_load --rate 200 --clients 2 --seconds 1
    wait_for made_rows 10
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -m fast -w -s stop >/dev/null 2>&1 3>&- 4>&-
    end_partdemo
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w -s start >/dev/null 2>&1 3>&- 4>&-
    exited 0
    holds 'd.total.ops + d.total.errors + d.total.unsent === 200' 'd.total.unsent > 0' 'd.partitions.length === 0'
    has "$stderr" "the server is gone"
}

# bats test_tags=threads
@test "a second Ctrl-C ends a run that is stuck" {
    start_load --max --clients 3
    wait_for made_rows 10
    psql -XAtq -c "LOCK event_logs, users_distributed, orders_by_region, sales_data IN ACCESS EXCLUSIVE MODE;
        SELECT pg_sleep(20)" >/dev/null 2>&1 3>&- 4>&- &
    local holder=$! begun=$SECONDS
    wait_for sql_true "SELECT count(*) >= 3 FROM pg_locks WHERE NOT granted"
    kill -INT "$PD_PID"
    sleep 0.5
    kill -0 "$PD_PID"
    kill -INT "$PD_PID"
    sleep 0.8 # now it sums up, and one more Ctrl-C does not take that away
    kill -INT "$PD_PID" || true
    end_partdemo
    exited 0
    ((SECONDS - begun < 6))
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo load'"
    holds 'd.total.unknown === 0' 'd.total.cancelled === 3' 'd.total.errors === 3' 'd.partitions.length === 0'
    has "$stderr" "a table is locked"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^LOCK' AND pid <> pg_backend_pid()"
    wait "$holder" || true
}

# bats test_tags=threads
@test "deadlocks are retried with the same data, and counted" {
    sql "CREATE TABLE pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)"
    own_mix opposite <<'LUA'
local function both(first, second)
  return function(client)
    client:exec "BEGIN"
    client:exec("UPDATE pair SET n = n + 1 WHERE id = $1", first)
    client:exec "SELECT pg_sleep(0.005)"
    client:exec("UPDATE pair SET n = n + 1 WHERE id = $1", second)
    client:exec "COMMIT"
    return 2
  end
end
return {
  summary = "two rows in opposite order",
  { weight = 1, name = "up", run = both(1, 2) },
  { weight = 1, name = "down", run = both(2, 1) },
}
LUA
    load_json --mix opposite.lua --max --clients 4 --ops 40 --seed 1
    exited 0
    holds 'd.total.retries > 0' 'd.total.ops + d.total.errors === 40' \
        'Object.values(d.ops).every(e => Object.keys(e.errors).every(s => s === "40P01"))'
    is "$(json d.total.ops)|$(json d.total.ops)" \
        "SELECT (SELECT n FROM pair WHERE id = 1), (SELECT n FROM pair WHERE id = 2)"
}

@test "prepared statements survive DDL" {
    own_mix star <<'LUA'
local gen = require "partdemo.gen"
return {
  summary = "every column",
  { weight = 1, name = "star", sql = "SELECT * FROM event_logs WHERE user_id = $1",
    params = gen.row { { "user_id", gen.int(1, 100) } } },
}
LUA
    start_load --mix star.lua --max --clients 3 --seconds 2
    wait_for sql_true "SELECT count(*) >= 3 FROM pg_stat_activity WHERE query ~ '^SELECT [*] FROM event_logs'"
    sql "ALTER TABLE event_logs ADD COLUMN extra int"
    end_partdemo
    exited 0
    holds 'd.total.errors === 0' 'd.total.reconnects >= 1' 'd.total.ops > 100'
}

@test "clients that connect again while a table is away do the other entries, and that one when it is back" {
    own_mix away <<'LUA'
local gen = require "partdemo.gen"
return { summary = "x",
  { weight = 1, name = "insert", insert = "away", row = gen.row { { "n", gen.int(1, 9) } } },
  { weight = 1, name = "other", sql = "SELECT 1" } }
LUA
    sql "CREATE TABLE away (n int)"
    start_load --mix away.lua --rate 200 --clients 2 --duration 3s
    wait_for sql_true "SELECT count(*) > 10 FROM away"
    sql "DROP TABLE away"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo load'"
    sleep 1
    sql "CREATE TABLE away (n int)"
    wait_for sql_true "SELECT count(*) > 10 FROM away"
    end_partdemo
    exited 0
    # Connected again once, not for each operation; each of them got the server's answer of its time.
    holds 'd.total.reconnects <= 4' 'd.ops.insert.errors["42P01"] > 20' '!("26000" in d.ops.insert.errors)' \
        'd.ops.other.ops > 200' 'd.ops.other.p95_ms < 300' 'd.total.ops + d.total.errors === 600'
}

@test "a function entry that only calculates, and catches every error, is stopped by the second Ctrl-C" {
    own_mix endless <<'LUA'
return { summary = "x", { weight = 1, name = "endless", run = function()
  while true do pcall(function() while true do end end) end
end } }
LUA
    start_load --mix endless.lua --max --clients 2 --duration 1s
    wait_for sql_true "SELECT count(*) = 2 FROM pg_stat_activity WHERE application_name = 'partdemo load'"
    sleep 0.5
    kill -INT "$PD_PID"
    sleep 0.3
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.ops.endless.errors["57014"] === 2' 'd.elapsed_s < 10'
}

# bats test_tags=threads
@test "a function entry that is stuck is cancelled at the server too" {
    own_mix sleeper <<'LUA'
return { summary = "x", { weight = 1, name = "sleep", run = function(client)
  client:exec "SELECT pg_sleep(60)"
end } }
LUA
    start_load --mix sleeper.lua --max --clients 2
    wait_for sql_true "SELECT count(*) = 2 FROM pg_stat_activity WHERE query ~ 'pg_sleep.60' AND state = 'active' AND pid <> pg_backend_pid()"
    kill -INT "$PD_PID"
    sleep 0.3
    kill -INT "$PD_PID"
    end_partdemo
    exited 0
    holds 'd.total.cancelled === 2' 'd.ops.sleep.errors["57014"] === 2' 'd.total.unknown === 0'
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo load'"
}

# through_proxy [LIMIT]: starts load_proxy.js before the server; sets PROXY to its pid, DSN to the way through it.
through_proxy() {
    local port i
    : >"$BATS_TEST_TMPDIR/port"
    node "$PARTDEMO_SOURCE/tests/e2e/load_proxy.js" "$PGHOST/.s.PGSQL.$PGPORT" "$@" >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
    PROXY=$!
    for ((i = 0; i < 200; i++)); do
        port=$(<"$BATS_TEST_TMPDIR/port")
        [[ -z $port ]] || break
        sleep 0.05
    done
    DSN="host=127.0.0.1 port=$port dbname=$PGDATABASE connect_timeout=2"
}

teardown() {
    [[ -z ${PROXY:-} ]] || kill "$PROXY"
}

@test "a server that accepts and never answers does not hold a client for ever" {
    through_proxy
    start_load -d "$DSN" --rate 200 --clients 3 --duration 5s
    wait_for made_rows 50
    kill -USR1 "$PROXY"
    sleep 1
    kill -USR2 "$PROXY" # the connections of that second stay unanswered: only giving them up helps
    local after
    after=$(rows)
    wait_for made_rows $((after - BASE + 100))
    end_partdemo
    exited 0
    holds 'd.total.reconnects >= 3' 'd.total.ops + d.total.errors + d.total.unsent === 1000' 'd.total.unsent === 0'
    accounted
}

@test "clients that never get an answer at the start: exit 3 after connect_timeout, 130 on Ctrl-C" {
    through_proxy 1
    run_partdemo run load -d "$DSN" --max --clients 2
    exited 3
    has "$stderr" "the server did not answer in time" "0 of 2 clients had connected"
    kill "$PROXY"
    through_proxy 1
    start_load -d "${DSN/connect_timeout=2/connect_timeout=0}" --max --clients 2
    wait_for sql_true "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'partdemo'"
    sleep 0.3
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    is 0 "SELECT $(rows) - $BASE"
}

@test "stdout closed: the run ends, and leaves nothing at the server" {
    timeout -s KILL 30 "$PARTDEMO" run load --max --clients 2 --jsonl 2>"$BATS_TEST_TMPDIR/stderr" 3>&- 4>&- |
        head -n 1 >first
    has "$(<first)" '"event": "second"'
    has "$(<"$BATS_TEST_TMPDIR/stderr")" "cannot write the output"
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name ~ '^partdemo'"
}
