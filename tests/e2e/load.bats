#!/usr/bin/env bats
# `partdemo run load`: what it says it did, against what psql finds in the tables.

bats_require_minimum_version 1.5.0
load ../lib

# The tables are made once; each test gets a copy of that database.
setup_file() {
    pg_start "autovacuum = off" "max_connections = 30" "deadlock_timeout = 10ms"
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    fresh_db ready
    partdemo run setup -q
}

teardown_file() { pg_stop; }

setup() {
    cd "$E2E_WORK" || return
    database "t$BATS_TEST_NUMBER"
}

# database NAME: one of the test's own, as setup leaves it.
database() {
    sql -d postgres "CREATE DATABASE $1 TEMPLATE ready"
    export PGDATABASE=$1
    BASE=$(rows)
}

# partdemo as run_partdemo of ../lib runs it: nothing can hang the suite.
partdemo() {
    timeout -s KILL 60 "$PARTDEMO" "$@"
}

# start_load ARG...: `run load` in the background as JSON; end_partdemo waits for it.
start_load() {
    # --foreground: a signal reaches partdemo once, not also through its process group
    timeout --foreground -s KILL 60 "$PARTDEMO" run load --format json "$@" \
        >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- 4>&- &
    PD_PID=$!
}

# load_json ARG...: in the foreground.
load_json() {
    run_partdemo run load --format json "$@"
}

# rows: of the four tables together.
rows() {
    sql "SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
              + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)"
}

made_rows() {
    (($(rows) >= BASE + ${1:-1}))
}

# json EXPRESSION: a value of the document on stdout, `d`.
json() {
    node -p 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")); eval(process.argv[2])' \
        "$BATS_TEST_TMPDIR/stdout" "$1"
}

# holds EXPRESSION...: each is true of the document.
holds() {
    node -e 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
        for (const each of process.argv.slice(2))
            if (eval(each) !== true) throw new Error("does not hold: " + each);' \
        "$BATS_TEST_TMPDIR/stdout" "$@" || {
        printf 'in: %s\n%s\n' "$output" "$stderr" >&2
        return 1
    }
}

# accounted: the rows in the tables are those acknowledged, and at most those of unknown outcome besides.
accounted() {
    local now ops unknown
    now=$(($(rows) - BASE)) ops=$(json d.total.ops) unknown=$(json d.total.unknown)
    ((ops <= now && now <= ops + unknown)) || {
        echo "$now rows, $ops acknowledged, $unknown unknown" >&2
        return 1
    }
}

# own_mix NAME: the mix on stdin, as NAME.lua.
own_mix() {
    cat >"$E2E_WORK/$1.lua"
}

@test "an interval and a duration: exactly 30 operations" {
    load_json 100 3
    exited 0
    holds 'd.total.ops === 30' 'd.rate === 10' 'd.total.errors === 0' 'd.elapsed_s > 2.8'
    is $((BASE + 30)) "SELECT $(rows)"
}

@test "--ops is exact, and the standard mix has its proportions" {
    load_json --max --clients 3 --ops 4000 --seed 7
    exited 0
    holds 'd.total.ops === 4000' 'd.total.errors === 0' 'd.total.unsent === 0'
    is t "SELECT $(rows) = $BASE + 4000"
    # Five standard deviations and more.
    is t "SELECT abs($(json d.ops.event.ops) - 1200) < 160 AND abs($(json d.ops.user.ops) - 1000) < 150
              AND abs($(json d.ops.order.ops) - 1000) < 150 AND abs($(json d.ops.sale.ops) - 800) < 140"
    load_json --rate 3000 --clients 2 --ops 301
    exited 0
    holds 'd.total.ops === 301' 'd.total.unsent === 0'
    load_json --max --pipeline 10 --clients 2 --ops 1003
    exited 0
    holds 'd.total.ops === 1003'
    is t "SELECT $(rows) = $BASE + 5304"
}

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

@test "Ctrl-C under a rate that cannot be reached: what is due is done, nothing more becomes due" {
    start_load --rate 80000 --clients 2
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
    end_partdemo
    exited 0
    ((SECONDS - begun < 8))
    holds 'd.total.unknown === 0' 'd.total.cancelled === 3' 'd.total.errors === 3' 'd.partitions.length === 0'
    has "$stderr" "a table is locked"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^LOCK' AND pid <> pg_backend_pid()"
    wait "$holder" || true
}

# contents DATABASE: the rows that generators made, without what the server adds, on sorted lines.
contents() {
    psql -XAtq -v ON_ERROR_STOP=1 -d "$1" <<'SQL' | LC_ALL=C sort
SELECT event_type, user_id, event_data, ip_address, created_at FROM event_logs;
SELECT username, email, country_code, registration_date, status FROM users_distributed;
SELECT order_number, user_id, product_id, region, order_total, order_status, created_at FROM orders_by_region;
SELECT sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id FROM sales_data;
SQL
}

@test "the same seed gives the same rows per client, whatever --jobs" {
    local name
    load_json --max --clients 1 --ops 500 --seed 42
    database seed2
    run_partdemo run load --rate 2000 --clients 1 --ops 500 --seed 42
    exited 0
    contents "t$BATS_TEST_NUMBER" >one
    contents seed2 >two
    [[ $(wc -l <one) -gt 500 ]]
    diff one two
    for name in jobs1 jobs2 jobs4; do
        database "$name"
        run_partdemo run load --max --clients 4 --jobs "${name#jobs}" --ops 1200 --seed 43
        exited 0
    done
    # Which client does how many is a matter of timing: rows of the same number have to be the same.
    for name in jobs1 jobs2 jobs4; do
        sql -d "$name" "SELECT order_number, order_number, user_id, product_id, region, order_total, order_status, created_at
            FROM orders_by_region WHERE order_number ~ '^ORD-0_[0-3]_'"
        sql -d "$name" "SELECT username, username, email, country_code, registration_date, status
            FROM users_distributed WHERE username ~ '_0_[0-3]_[0-9a-z]+$'"
    done >three
    is t "SELECT $(wc -l <three) > 1400"
    cut -d'|' -f1 three | LC_ALL=C sort -u >keys
    LC_ALL=C sort -u three >distinct
    [[ $(wc -l <keys) == "$(wc -l <distinct)" ]]
    is t "SELECT $(wc -l <three) > $(wc -l <keys) * 1.5"
}

@test "all mixes run; JSON has the documented fields" {
    local name
    for name in standard read_mostly hot misses transaction; do
        load_json --mix "$name" --max --clients 2 --seconds 0.7 --seed 3
        exited 0
        holds 'd.schema_version === 1' 'd.outcome === "done"' 'd.clients === 2' 'd.elapsed_s > 0.6' 'd.rate === 0' \
            '["ops", "errors", "retries", "rate", "unknown", "unsent", "reconnects"].every(k => typeof d.total[k] === "number")' \
            'd.total.ops > 50' 'Object.keys(d.ops).length >= 2' \
            'Object.values(d.ops).every(e => ["ops", "retries", "p50_ms", "p95_ms", "p99_ms", "max_ms"].every(k => typeof e[k] === "number"))' \
            'Object.values(d.ops).every(e => !Array.isArray(e.errors) && typeof e.errors === "object")' \
            'Object.values(d.ops).every(e => e.p50_ms <= e.p95_ms && e.p95_ms <= e.p99_ms && e.p99_ms <= e.max_ms)'
        [[ $name == misses ]] || holds 'd.total.errors === 0'
    done
}

@test "rows that no partition takes are counted as 23514" {
    load_json --mix misses --max --ops 300 --seed 3
    exited 0
    holds 'd.ops["sale out of range"].errors["23514"] > 20' 'd.ops["sale out of range"].ops === 0' \
        'd.total.ops + d.total.errors === 300'
    is t "SELECT $(rows) = $BASE + $(json d.total.ops)"
}

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

@test "serialization failures of plain statements are retried too" {
    sql "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);
         ALTER DATABASE $PGDATABASE SET default_transaction_isolation = 'repeatable read'"
    own_mix counter <<'LUA'
return { summary = "one row", { weight = 1, name = "up", sql = "UPDATE counter SET n = n + 1" } }
LUA
    load_json --mix counter.lua --max --clients 4 --ops 300
    exited 0
    holds 'd.total.retries > 0' 'd.total.ops + d.total.errors === 300'
    is "$(json d.total.ops)" "SELECT n FROM counter"
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

@test "a statement that always fails with 0A000 is counted, not prepared for ever" {
    sql "CREATE FUNCTION never() RETURNS int LANGUAGE plpgsql AS
         \$\$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000'; END \$\$"
    own_mix never <<'LUA'
return { summary = "no", { weight = 1, name = "never", sql = "SELECT never()" } }
LUA
    load_json --mix never.lua --max --ops 3
    exited 0
    holds 'd.ops.never.errors["0A000"] === 3'
}

@test "more clients than the server takes: exit 3, and how many had connected" {
    run_partdemo run load --max --clients 40 --seconds 5
    exited 3
    has "$stderr" "too many clients" "of 40 clients had connected"
    is 0 "SELECT $(rows) - $BASE"
}

@test "a mix that does not fit the tables is refused before anything is written" {
    own_mix column <<'LUA'
local gen = require "partdemo.gen"
return { summary = "x", { weight = 1, name = "odd", insert = "event_logs", row = gen.row { { "event_typo", "x" } } } }
LUA
    own_mix long <<'LUA'
local gen = require "partdemo.gen"
return { summary = "x", { weight = 1, name = "odd", insert = "event_logs",
  row = gen.row { { "event_type", gen.text(500, 500) } } } }
LUA
    own_mix table <<'LUA'
local gen = require "partdemo.gen"
return { summary = "x", { weight = 1, name = "odd", insert = "event_log", row = gen.row { { "event_type", "x" } } } }
LUA
    own_mix statement <<'LUA'
return { summary = "x", { weight = 1, name = "odd", sql = "SELEC 1" } }
LUA
    local name
    for name in column:event_typo long:event_type table:event_log statement:SELEC; do
        run_partdemo run load --max --seconds 5 --mix "${name%:*}.lua"
        exited 2
        has "$stderr" "entry 'odd'" "${name#*:}"
    done
    is 0 "SELECT $(rows) - $BASE"
}

@test "a Lua entry that raises, or leaves a transaction open, ends the run with its name" {
    own_mix raises <<'LUA'
return { summary = "x", { weight = 1, name = "raiser", run = function() error "boom" end } }
LUA
    own_mix open <<'LUA'
return { summary = "x", { weight = 1, name = "opener", run = function(client)
  client:exec "BEGIN"
  client:exec "INSERT INTO event_logs (event_type, user_id) VALUES ('x', 1)"
end } }
LUA
    run_partdemo run load --max --clients 2 --seconds 20 --mix raises.lua
    exited 1
    has "$stderr" "entry 'raiser'" boom
    run_partdemo run load --max --clients 2 --seconds 20 --mix open.lua
    exited 1
    has "$stderr" "entry 'opener' left a transaction open"
    is 0 "SELECT $(rows) - $BASE"
}
