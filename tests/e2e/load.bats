#!/usr/bin/env bats
# `partdemo run load`: what it says it did, against what psql finds in the tables.

bats_require_minimum_version 1.5.0
load ../lib
load load_helpers

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

@test "thirty operations a run: over many runs the mix's proportions" {
    local seed counts
    for ((seed = 1; seed <= 30; seed++)); do
        load_json 1 --ops 30 --seed "$seed"
        exited 0
        json '`${d.total.ops} ${d.ops.event.ops} ${d.ops.user.ops} ${d.ops.order.ops} ${d.ops.sale.ops}`'
        # The same unique values come again with each seed.
        sql "TRUNCATE event_logs, users_distributed, users_distributed_usernames, orders_by_region, sales_data"
    done >counts
    # Chi-square with three degrees of freedom over all 900, which a thousandth of all seeds would exceed;
    # and no run is like all others.
    counts=$(awk '$1 != 30 { print "not 30:", $0 } { e += $2; u += $3; o += $4; s += $5 }
        END { x = (e - 270) ^ 2 / 270 + (u - 225) ^ 2 / 225 + (o - 225) ^ 2 / 225 + (s - 180) ^ 2 / 180
              print (e + u + o + s == 900 && x < 16.3) ? "right" : "wrong: " e " " u " " o " " s }' counts)
    [[ $counts == right ]] || { echo "$counts"; false; }
    (($(sort -u counts | wc -l) > 15))
}

# bats test_tags=threads
@test "batches: rows are counted, not statements" {
    load_json --max --clients 2 --ops 100 --batch 7 --seed 5
    exited 0
    holds 'd.total.ops === 100' 'd.total.rows === 700' 'd.steps[0].rows === 700' 'd.total.errors === 0'
    is $((BASE + 700)) "SELECT $(rows)"
    own_mix batches <<'LUA'
local rows = require "lib.rows"
return {
  summary = "one entry says, the other does not",
  { weight = 1, name = "fifty", insert = "event_logs", row = rows.event_log, batch = 50 },
  { weight = 1, name = "other", insert = "sales_data", row = rows.sale },
  { weight = 1, name = "read", sql = "SELECT 1" },
}
LUA
    BASE=$(rows)
    load_json --mix batches.lua --max --clients 2 --ops 90 --batch 3 --pipeline 3 --seed 6
    exited 0
    holds 'd.ops.fifty.rows === 50 * d.ops.fifty.ops' 'd.ops.other.rows === 3 * d.ops.other.ops' \
        'd.ops.read.rows === d.ops.read.ops' 'd.ops.fifty.ops > 10'
    is $(($(json 'd.ops.fifty.rows + d.ops.other.rows') + BASE)) "SELECT $(rows)"
}

@test "a batch has the rows that single inserts have" {
    load_json --max --ops 60 --seed 9
    exited 0
    database batched
    load_json --max --ops 60 --seed 9 --batch 4
    exited 0
    # Both choose the same entries; a batch draws more rows for each, so the first rows are the same.
    local first="SELECT order_number, product_id, region, order_total FROM orders_by_region
                 WHERE order_number ~ '^ORD-0_0_' ORDER BY length(order_number), order_number LIMIT 1"
    is "$(sql -d "t$BATS_TEST_NUMBER" "SELECT count(*) * 4 FROM orders_by_region WHERE order_number ~ '^ORD-0_0_'")" \
        "SELECT count(*) FROM orders_by_region WHERE order_number ~ '^ORD-0_0_'"
    [[ -n $(sql "$first") ]]
}

# bats test_tags=threads
@test "--jsonl: an event each second, then the document, a line each" {
    load_json --rate 200 --clients 2 --seconds 2.5 --jsonl
    exited 0
    has "$stderr" "LEAF REACHED"
    node -e '
        const lines = require("node:fs").readFileSync(process.argv[1], "utf8").trimEnd().split("\n").map(JSON.parse);
        const events = lines.slice(0, -1), last = lines.at(-1), assert = require("node:assert");
        assert(lines.every((d) => d.schema_version === 1));
        assert.deepEqual(events.map((d) => [d.event, Math.floor(d.elapsed_s)]), [["second", 1], ["second", 2]]);
        for (const name of ["ops", "errors", "retries", "reconnects", "connected", "backlog", "lag_ms", "rate",
                            "p50_ms", "p99_ms", "max_ms"])
            assert(events.every((d) => typeof d[name] === "number"), name);
        assert(events.every((d) => d.p50_ms <= d.p99_ms && d.p99_ms <= d.max_ms && d.connected === 2));
        assert(events.every((d) => Math.abs(d.rate - 200) < 40), JSON.stringify(events));
        assert(events[0].ops < events[1].ops && events[1].ops <= last.total.ops && last.total.ops === 500);
        assert(last.outcome === "done" && !("event" in last));' "$BATS_TEST_TMPDIR/stdout"
}

@test "leaf reached: what was written to each leaf, of all tables that the mix names" {
    local leaf
    for leaf in event_logs_2024_01 users_distributed_p0 orders_europe; do
        sql "SELECT pg_stat_reset_single_table_counters('$leaf'::regclass)" >/dev/null
    done
    load_json --mix read_mostly --max --clients 2 --ops 3000 --seed 3
    exited 0
    holds 'd.partitions.reduce((n, p) => n + p.rows, 0) === d.ops.event.rows' \
        'd.partitions.reduce((n, p) => n + p.deleted, 0) === d.ops["forget an event"].rows' \
        'd.partitions.reduce((n, p) => n + p.updated, 0) === d.ops["user status"].rows + d.ops["order status"].rows' \
        'd.ops["user status"].rows > 0' 'new Set(d.partitions.map(p => p.table)).size === 3'
    has "$stderr" "INSERTED  UPDATED  DELETED"
    own_mix nowhere <<'LUA'
return { summary = "x", tables = { "event_log" }, { weight = 1, name = "a", sql = "SELECT 1" } }
LUA
    run_partdemo run load --max --ops 5 --mix nowhere.lua
    has "$stderr" "there is no table 'event_log'"
    exited 2
}

# bats test_tags=threads
@test "on_error = stop: the first error ends the run, with its summary and exit 1" {
    own_mix stops <<'LUA'
local rows = require "lib.rows"
return {
  summary = "fails now and then",
  { weight = 30, name = "event", insert = "event_logs", row = rows.event_log },
  { weight = 1, name = "counted", sql = "SELECT 1 / 0" },
  { weight = 1, name = "fatal", sql = "SELECT 'x'::text::int", on_error = "stop" },
}
LUA
    local pipeline
    for pipeline in 1 5; do
        BASE=$(rows)
        load_json --mix stops.lua --max --clients 2 --pipeline "$pipeline"
        exited 1
        has "$stderr" "the load was stopped by its entry 'fatal'" 'invalid input syntax for type integer: "x" (22P02)' ENTRY
        holds 'd.outcome === "failed"' 'd.stopped.entry === "fatal"' 'd.stopped.sqlstate === "22P02"' \
            'd.ops.fatal.errors["22P02"] >= 1'
        is "$((BASE + $(json d.ops.event.ops)))" "SELECT $(rows)"
    done
    own_mix stops <<'LUA'
return { summary = "x", { weight = 1, name = "lua", on_error = "stop", run = function(client)
  client:exec "SELECT 1 / 0"
end } }
LUA
    load_json --mix stops.lua --max
    exited 1
    has "$stderr" "stopped by its entry 'lua': division by zero (22012)"
}

@test "a scenario that runs the load as a step, and a step with a number out of range" {
    printf '%s\n' 'return { summary = "x", steps = { { run = "load", params = { max = true, ops = 12 } } } }' >nested.lua
    run_partdemo run nested.lua
    exited 0
    is $((BASE + 12)) "SELECT $(rows)"
    printf '%s\n' 'return { summary = "x", steps = { { load = "standard", max = true, ops = 12, clients = 0 } } }' >zero.lua
    run_partdemo run zero.lua
    exited 2
    has "$stderr" "clients: '0' is not a number from 1 on"
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
    # How many a client does is a matter of timing, but not what its first thirty users and orders are.
    local made="
            WITH made AS (
              SELECT split_part(username, '_', 3) AS client, username AS key,
                     concat_ws('|', username, email, country_code, registration_date, status) AS line
                FROM users_distributed WHERE username ~ '_0_[0-3]_[0-9a-z]+\$'
              UNION ALL
              SELECT split_part(order_number, '_', 2), order_number, concat_ws('|', order_number, user_id,
                     product_id, region, order_total, order_status, created_at)
                FROM orders_by_region WHERE order_number ~ '^ORD-0_[0-3]_')"
    for name in jobs1 jobs2 jobs4; do
        database "$name"
        start_load --max --clients 4 --jobs "${name#jobs}" --seed 43
        wait_for sql_true "$made SELECT count(*) = 4
            FROM (SELECT FROM made GROUP BY client HAVING count(*) FILTER (WHERE key ~ '^ORD-') >= 30
                    AND count(*) FILTER (WHERE key !~ '^ORD-') >= 30) AS each"
        kill -INT "$PD_PID"
        end_partdemo
        exited 0
        sql "$made,
            numbered AS (
              SELECT *, row_number() OVER (PARTITION BY client ORDER BY length(number), number, key) AS n
                FROM (SELECT *, substring(key FROM '[0-9a-z]+\$') AS number FROM made) AS m)
            SELECT client, count(*), md5(string_agg(line, E'\n' ORDER BY n)) FROM numbered WHERE n <= 30
             GROUP BY client ORDER BY client" >"rows_$name"
        diff rows_jobs1 "rows_$name"
    done
    # The rows that a seed means are the same in every release.
    diff rows_jobs1 - <<'GOLDEN'
0|30|605668eddc22794534a4fcc28e0e96df
1|30|0a2dcb41d8cd727470a5a19bf1e08e70
2|30|58cdeaf6238825eb2733c24ea358952c
3|30|8746ca6a316ee40241deac2ffd348de9
GOLDEN
}

@test "all mixes run; JSON has the documented fields" {
    local name
    for name in standard read_mostly hot changes misses transaction; do
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

@test "serialization failures of plain statements are retried too" {
    sql "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);
         ALTER DATABASE $PGDATABASE SET default_transaction_isolation = 'repeatable read'"
    own_mix counter <<'LUA'
return { summary = "one row", { weight = 1, name = "up", sql = "UPDATE counter SET n = n + 1 WHERE pg_sleep(0.001) IS NOT NULL" } }
LUA
    load_json --mix counter.lua --max --clients 4 --ops 300
    exited 0
    holds 'd.total.retries > 0' 'd.total.ops + d.total.errors === 300'
    is "$(json d.total.ops)" "SELECT n FROM counter"
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
    own_mix two <<'LUA'
return { summary = "x", { weight = 1, name = "odd", sql = "SELECT 1; DELETE FROM event_logs" } }
LUA
    own_mix few <<'LUA'
return { summary = "x", { weight = 1, name = "odd", sql = "SELECT $1::int" } }
LUA
    local name
    for name in column:event_typo long:event_type table:event_log statement:SELEC "two:one statement, this is 2" \
        "few:has 1 parameters, params only 0"; do
        run_partdemo run load --max --seconds 5 --mix "${name%:*}.lua"
        exited 2
        has "$stderr" "entry 'odd'" "${name#*:}"
    done
    is 0 "SELECT $(rows) - $BASE"
}

@test "a Lua entry that returns no count of rows ends the run with its name" {
    local wrong
    for wrong in '"many":a string' '-5:-5' '1.5:1.5' 'true:a boolean' '{}:a table'; do
        own_mix returns <<LUA
return { summary = "x", { weight = 1, name = "odd", run = function() return ${wrong%:*} end } }
LUA
        run_partdemo run load --max --ops 3 --mix returns.lua
        exited 1
        has "$stderr" "entry 'odd' returned ${wrong#*:} instead of its number of rows"
    done
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
    has "$output" "ENTRY" "raiser  38000" # what was done until then is not lost
    [[ $output != *" late at p99"* ]]     # without a rate nothing is due before it is sent
    run_partdemo run load --max --clients 2 --seconds 20 --mix open.lua
    exited 1
    has "$stderr" "entry 'opener' left a transaction open"
    is 0 "SELECT $(rows) - $BASE"
}
