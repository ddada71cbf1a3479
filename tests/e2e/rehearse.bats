#!/usr/bin/env bats
# `partdemo run SCENARIO --under MIX`: what it reports, against pgbench's own log, locks held on purpose
# and what psql finds in the tables.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off" "max_connections = 60" "deadlock_timeout = 100ms"
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    fresh_db ready
    partdemo run setup -q
    sql "CREATE TABLE own (id bigserial PRIMARY KEY, v int, note text DEFAULT 'new');
         INSERT INTO own (v) SELECT 1 FROM generate_series(1, 100)"
    mixes
    scenario hold 'LOCK TABLE own IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.4);'
    scenario long 'LOCK TABLE own IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1);'
    scenario brief 'ALTER TABLE own ALTER v SET DEFAULT 7;'
    scenario endless 'CREATE TABLE half (a int); LOCK TABLE own IN SHARE MODE; SELECT pg_sleep(600);'
    scenario quiet 'SELECT pg_sleep(600);'
}

# mixes: writes, a row each time, to one table with a key; `mixed` updates and deletes too.
mixes() {
    cat >own.lua <<'LUA'
local gen = require "partdemo.gen"
return { summary = "rows for own",
  { weight = 1, name = "own", insert = "own", row = gen.row { { "v", gen.int(1, 1000) } } } }
LUA
    cat >mixed.lua <<'LUA'
local gen = require "partdemo.gen"
local row = gen.row { { "v", gen.int(1, 1000) } }
local key = gen.row { { "id", gen.int(1, 100) } }
return { summary = "inserts, updates, deletes",
  { weight = 3, name = "insert", insert = "own", row = row },
  { weight = 3, name = "update", sql = "UPDATE own SET note = 'n' || $2 WHERE id = $1 AND id > 20",
    params = gen.row { { "id", gen.int(1, 100) }, { "n", gen.int(1, 9) } },
    ledger = { table = "own", key = "id", columns = { "note" } } },
  { weight = 1, name = "delete", sql = "DELETE FROM own WHERE id = $1 AND id <= 20",
    params = key, ledger = { table = "own", key = "id" } } }
LUA
}

# scenario NAME SQL [FIELDS [STEP FIELDS]]: one step, in a transaction.
scenario() {
    printf '%s\n' "$2" >"$1.sql"
    printf 'return { summary = "%s", tables = { "own" }, %s\n  steps = { { sql = "%s.sql", say = "Do it"%s } } }\n' \
        "$1" "${3:-}" "$1" "${4:-}" >"$1.lua"
}

teardown_file() { pg_stop; }

setup() {
    cd "$E2E_WORK" || return
    sql -d postgres "CREATE DATABASE t$BATS_TEST_NUMBER TEMPLATE ready"
    export PGDATABASE=t$BATS_TEST_NUMBER
}

# Whatever happened, no session of partdemo is left.
teardown() {
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'partdemo%'"
}

partdemo() {
    timeout -s KILL 60 "$PARTDEMO" "$@"
}

SHORT=(--warmup 300ms --cooldown 300ms --rate 400 --clients 4)

# rehearse NAME ARG...: in the foreground, as JSON.
rehearse() {
    run_partdemo run "./$1.lua" --under own.lua "${SHORT[@]}" --format json "${@:2}"
}

# start_rehearsal NAME ARG...: in the background; end_partdemo waits for it.
start_rehearsal() {
    BASE=$(sql "SELECT count(*) FROM own")
    timeout --foreground -s KILL 60 "$PARTDEMO" run "./$1.lua" --under own.lua "${SHORT[@]}" \
        --format json "${@:2}" \
        >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- 4>&- &
    PD_PID=$!
}

# holds EXPRESSION...: each is true of the impact `i`; `d` is the whole document.
holds() {
    node -e 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")), i = d.impact;
        for (const each of process.argv.slice(2))
            if (eval(each) !== true) throw new Error("does not hold: " + each);' \
        "$BATS_TEST_TMPDIR/stdout" "$@" || {
        printf 'in: %s\n%s\n' "$output" "$stderr" >&2
        return 1
    }
}

value() {
    node -p 'const i = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).impact; eval(process.argv[2])' \
        "$BATS_TEST_TMPDIR/stdout" "$1"
}

# loaded: the load has written.
loaded() {
    (($(sql "SELECT count(*) FROM own") > BASE + 50))
}

# in_step: the step's statement is running.
in_step() {
    sql_true "SELECT count(*) = 1 FROM pg_stat_activity
              WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
}

@test "a step that locks: the stall, the lock, the queue, and every write is found" {
    rehearse hold
    exited 0
    holds 'i.steps.length === 1' 'i.steps[0].stall_ms > 380 && i.steps[0].stall_ms < 700' \
        'i.steps[0].locks[0].mode === "ACCESS EXCLUSIVE" && i.steps[0].locks[0].table === "own"' \
        'i.steps[0].gaps[0].table === "own" && i.steps[0].gaps[0].ms >= 400' \
        'i.steps[0].blocked.most === 4' 'i.steps[0].backlog.peak > 100' 'i.steps[0].backlog.drain_ms > 0' \
        'i.steps[0].wal_bytes > 0' 'i.steps[0].during.max_ms >= i.steps[0].during.p99_ms' \
        'i.steps[0].before.max_ms < 380' 'i.reconciliation.ok' 'i.failures.length === 0' \
        '/^writers stalled .* in step 1 \(ACCESS EXCLUSIVE on own, .*all found$/.test(i.verdict)' \
        'i.timeline.writes.reduce((a, b) => a + b) === i.reconciliation.acknowledged'
    is $((100 + $(value i.reconciliation.acknowledged))) "SELECT count(*) FROM own"
    is "$(value i.operations)" "SELECT count(*) - 100 FROM own"
}

@test "as pgbench saw it beside" {
    echo "INSERT INTO own (v) VALUES (1);" >one.sql
    start_rehearsal long --warmup 700ms --cooldown 1s --rate 300
    wait_for loaded
    local pgbench longest
    pgbench=$(printf '%s\n' "$PG_TEST_BIN/pgbench" /usr/lib/postgresql/*/bin/pgbench | xargs ls 2>/dev/null | head -n 1)
    (cd "$BATS_TEST_TMPDIR" && timeout 60 "$pgbench" -n -R 500 -c 4 -T 3 -l -f "$E2E_WORK/one.sql" >/dev/null 2>&1)
    end_partdemo
    exited 0
    longest=$(cat "$BATS_TEST_TMPDIR"/pgbench_log.* | awk '$3 > m { m = $3 } END { print m / 1000 }')
    holds 'i.steps[0].stall_ms > 950' "Math.abs(i.steps[0].stall_ms - $longest) < 300"
}

@test "locks that others hold: their lengths, the holders, the queues" {
    local ms pid
    start_rehearsal brief --cooldown 2500ms
    wait_for sql_true "SELECT atthasdef FROM pg_attribute WHERE attrelid = 'own'::regclass AND attname = 'v'"
    for ms in 300 1000; do
        psql -XAtq -c "SELECT pg_backend_pid()" -c "BEGIN; LOCK TABLE own IN SHARE MODE;" \
            -c "SELECT pg_sleep($ms / 1000.0)" >"$BATS_TEST_TMPDIR/pid.$ms"
        sleep 0.2
    done
    end_partdemo
    exited 0
    for ms in 300 1000; do
        pid=$(head -n 1 "$BATS_TEST_TMPDIR/pid.$ms")
        holds "i.holders.some(h => h.pid === $pid && h.application === 'psql' && Math.abs(h.longest_ms - $ms) < 150 && h.most >= 4 && h.on[0] === 'own')"
    done
    holds "/; operations waited 1[.]\\d+ s after step 1 behind pid $pid; /.test(i.verdict)"
}

@test "the verdict names the lock that the writers waited for, and what could not be followed" {
    sql "CREATE TABLE aside (id int)"
    sed 's/weight = 1, name = "own"/weight = 1, name = "lua", run = function(c) c:exec "INSERT INTO own (v) VALUES (1)" return 1 end },\n  { &/' own.lua >partly.lua
    printf '%s\n' 'LOCK TABLE aside IN ACCESS EXCLUSIVE MODE; LOCK TABLE own IN SHARE MODE; SELECT pg_sleep(0.2);' >two.sql
    echo 'return { summary = "two", tables = { "aside", "own" }, steps = { { sql = "two.sql" }, { sql = "brief.sql" }, { sql = "brief.sql" } } }' >two.lua
    run_partdemo run ./two.lua --under partly.lua "${SHORT[@]}" --format json
    exited 0
    holds 'i.verdict.includes("(SHARE on own, ")' 'i.steps[0].locks[0].table === "aside" && i.steps[0].locks[0].waiters === 0' \
        'i.steps[0].locks.some(l => l.table === "own" && l.waiters === 4)' 'i.kept_up' \
        'i.steps[1].wal_bytes > 0' 'i.reconciliation.followed === i.reconciliation.tables[0].keys' \
        '/writes acknowledged, \d+ of them followed, all found$/.test(i.verdict)'
    is "$(value i.reconciliation.acknowledged)" "SELECT count(*) - 100 FROM own"
}

@test "a rate that is too much for the server is not the step's fault" {
    echo 'return { summary = "slow", { weight = 1, name = "slow", sql = "INSERT INTO own (v) SELECT 1 FROM pg_sleep(0.02)" } }' >slow.lua
    run_partdemo run ./brief.lua --under slow.lua --rate 100 --clients 1 --warmup 600ms --cooldown 0s --format json
    exited 0
    holds '!i.kept_up' 'i.notes.length === 1' '/^writers waited at most .* in step 1, but the server had not kept up with 100 op/.test(i.verdict)' \
        'i.verdict.endsWith(" writes acknowledged, not checked")'
}

@test "a step that fails, one that is done, steps of a moment" {
    scenario bad 'SELECT 1 / 0;'
    run_partdemo run ./bad.lua --under own.lua "${SHORT[@]}"
    exited 1
    has "$output" "; step 1 failed; " "  failed: division by zero"
    echo 'return { summary = "three", tables = { "own" }, steps = { { sql = "brief.sql" }, { sql = "brief.sql" }, { sql = "brief.sql" } },
        after = { require("partdemo.check").table "own" } }' >three.lua
    run_partdemo run ./three.lua --under own.lua "${SHORT[@]}"
    exited 0
    has "$output" "three: already done, nothing was changed and nothing rehearsed"
    sed -i 's/after = .*/}/' three.lua
    COLUMNS=45 run_partdemo run ./three.lua --under own.lua "${SHORT[@]}" --cooldown 2s
    exited 0
    grep -qE '^steps +1?[+]3? ' <<<"$output"
}

# reader_holds: a session that has read the table and stays in its transaction; sets READER to its pid.
reader_holds() {
    coproc reader { psql -XAtq 2>&1; }
    echo "BEGIN; SELECT pg_backend_pid() FROM own LIMIT 1;" >&"${reader[1]}"
    read -r READER <&"${reader[0]}"
}

reader_ends() {
    echo "COMMIT; \q" >&"${reader[1]}"
}

@test "a step that waits behind a reader: how long, and for whom" {
    reader_holds
    start_rehearsal brief
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
    sleep 0.5
    reader_ends
    end_partdemo
    exited 0
    holds "i.steps[0].waits[0].pid === $READER" 'i.steps[0].waits[0].application === "psql"' \
        'i.steps[0].waits[0].mode === "ACCESS EXCLUSIVE" && i.steps[0].waits[0].ms > 450' \
        'i.steps[0].stall_ms > 450' "i.verdict.includes('behind pid $READER')"
}

@test "--max-stall and a reader that does not end: the step gives up, the writers go on" {
    reader_holds
    rehearse brief --max-stall 150ms
    reader_ends
    exited 4
    holds 'i.steps[0].cancelled' 'i.steps[0].ms < 2000' "i.steps[0].waits[0].pid === $READER" \
        'i.after.count > 50' 'i.reconciliation.ok'
    is f "SELECT atthasdef FROM pg_attribute WHERE attrelid = 'own'::regclass AND attname = 'v'"
}

@test "--max-stall: an online change gives up too, instead of trying again" {
    sql "ALTER DATABASE $PGDATABASE SET deadlock_timeout = '3s'" # of which half is the longest wait for a lock
    coproc reader { psql -XAtq 2>&1; }
    echo "BEGIN; LOCK TABLE event_logs_2024_02 IN ACCESS SHARE MODE; SELECT 1;" >&"${reader[1]}"
    read -r <&"${reader[0]}"
    run_partdemo run online/split --table event_logs --partition event_logs_2024_02 --at 2024-02-15 --stall 3s --patience 20s \
        --under hot --rate 100 --clients 2 --warmup 300ms --cooldown 300ms --max-stall 500ms
    reader_ends
    exited 4
    has "$stderr" "was cancelled: operations waited" "The same command goes on with it"
    [[ $stderr != *"gave up"* ]]
    [[ $stderr != *"as before the step"* ]]
    partdemo run cleanup -q
}

@test "a closed loop says that it is one" {
    run_partdemo run ./hold.lua --under own.lua --max --clients 2 --warmup 200ms --cooldown 200ms
    exited 0
    has "$output" "closed loop on 2 clients: a stall delays one operation per client" "(ACCESS EXCLUSIVE on own, closed loop)"
    run_partdemo run ./brief.lua --under own.lua --clients 2 --warmup 300ms --cooldown 100ms
    exited 0
    has "$output" "the rate is half of the"
}

@test "a mix that only reads: its readers are what stalls" {
    echo 'return { summary = "reads", { weight = 1, name = "read", sql = "SELECT count(*) FROM own" } }' >reads.lua
    run_partdemo run ./hold.lua --under reads.lua "${SHORT[@]}" --format json
    exited 0
    holds '/^readers stalled .* reads answered$/.test(i.verdict)' 'i.steps[0].stall_ms > 380' 'i.of === "readers"'
}

@test "80 columns, no colour, no UTF-8: readable" {
    COLUMNS=80 LC_ALL=C run_partdemo run ./hold.lua --under own.lua "${SHORT[@]}"
    exited 0
    has "$output" "steps" "1===" "writes" "wait" "max "
    run -1 grep -nP '[^\x00-\x7F]' <<<"$output"
    run -1 grep -nE '^.{81}' <<<"$output"
}

@test "--max-stall: the step is cancelled and taken back, exit 4" {
    rehearse endless --max-stall 200ms
    exited 4
    holds 'i.steps[0].cancelled' 'i.steps[0].stall_ms >= 200 && i.steps[0].stall_ms < 600' \
        'i.limits.some(l => l.limit === "max-stall" && l.exceeded)' 'i.reconciliation.ok' \
        'd.error.includes("step 1 \"Do it\" was cancelled: operations waited")'
    is t "SELECT to_regclass('half') IS NULL"
}

@test "--max-stall: what was exceeded when a step had ended begins no other one" {
    echo "CREATE TABLE two (a int);" >two.sql
    cat >both.lua <<'LUA'
return { summary = "two steps", tables = { "own" },
  steps = { function(ctx)
    ctx.conn:exec "BEGIN; LOCK TABLE own"
    require("partdemo.sched").sleep(0.4)
    ctx.conn:exec "CREATE TABLE one (a int); COMMIT"
  end, { sql = "two.sql" } } }
LUA
    rehearse both --max-stall 150ms
    exited 4
    holds 'i.steps.length === 1' '!i.steps[0].cancelled' 'd.error.includes("stopped before the step")' 'i.reconciliation.ok'
    is t "SELECT to_regclass('one') IS NOT NULL AND to_regclass('two') IS NULL"
}

@test "--max-stall: what was exceeded while no statement of the step ran is not committed" {
    echo "LOCK TABLE own; CREATE TABLE late (a int);" >late.sql
    cat >late.lua <<'LUA'
local slow = require("partdemo.check").table "own"
function slow:run() -- idle in the transaction
  require("partdemo.sched").sleep(0.5)
  return true
end
return { summary = "late", steps = { { sql = "late.sql", say = "Do it", verify = { slow } } } }
LUA
    rehearse late --max-stall 150ms
    exited 4
    holds 'i.steps[0].cancelled' 'i.reconciliation.ok' 'd.error.includes("step 1 \"Do it\" was cancelled: operations waited")'
    is t "SELECT to_regclass('late') IS NULL"
}

@test "--max-p99 and --max-errors" {
    rehearse hold --max-p99 100ms
    exited 4
    holds 'i.limits.some(l => l.limit === "max-p99" && l.exceeded)' 'i.reconciliation.ok'
    scenario refuse "ALTER TABLE own ADD CONSTRAINT no CHECK (v < 0) NOT VALID; COMMIT; SELECT pg_sleep(600);" \
        "" ", transaction = false"
    rehearse refuse --max-errors 5
    exited 4
    holds 'i.steps[0].cancelled' 'i.steps[0].unexpected > 5' 'i.steps[0].errors[0].sqlstate === "23514"' \
        'i.limits.some(l => l.limit === "max-errors" && l.exceeded)'
}

@test "errors: expected ones are counted apart, an unexpected one fails the rehearsal and does not end it" {
    local sql="ALTER TABLE own ADD CONSTRAINT no CHECK (v < 0) NOT VALID; SELECT pg_sleep(0.2); ALTER TABLE own DROP CONSTRAINT no;"
    scenario refuse "$sql" "" ', transaction = false, allow = { "23514" }'
    rehearse refuse
    exited 0
    holds 'i.steps[0].errors[0].count > 20' 'i.steps[0].errors[0].expected' 'i.unexpected === 0'
    scenario refuse "$sql" "" ', transaction = false'
    rehearse refuse --cooldown 400ms
    exited 4
    holds 'i.unexpected > 20' 'i.elapsed_ms > 850' 'i.after.count > 100' 'i.reconciliation.ok' \
        'd.error.includes("unexpected errors")'
}

# wrong NAME SQL COUNT WHAT: a step that does this to the data is found out.
wrong() {
    scenario "$1" "$2"
    run_partdemo run "./$1.lua" --under mixed.lua "${SHORT[@]}" --format json
    exited 4
    holds "!i.reconciliation.ok" "i.reconciliation.tables[0].$1 $3" \
        "Object.entries(i.reconciliation.tables[0]).every(([k, v]) => k === '$1' || !['lost', 'doubled', 'resurrected', 'stale', 'misplaced'].includes(k) || v === 0)"
}

@test "reconciliation: what a step loses, doubles, brings back or makes stale" {
    run_partdemo run ./hold.lua --under mixed.lua "${SHORT[@]}" --format json
    exited 0
    holds 'i.reconciliation.ok' 'i.reconciliation.tables[0].keys > 100'
    wrong lost "DELETE FROM own WHERE id IN (SELECT id FROM own ORDER BY id DESC LIMIT 3);" "=== 3"
    wrong doubled "ALTER TABLE own DROP CONSTRAINT own_pkey;
        INSERT INTO own SELECT * FROM own ORDER BY id DESC LIMIT 2;" "=== 2"
    sql "DELETE FROM own a USING own b WHERE a.id = b.id AND a.ctid < b.ctid;
         ALTER TABLE own ADD PRIMARY KEY (id); DELETE FROM own WHERE id <= 20;
         INSERT INTO own (id, v) SELECT g, 1 FROM generate_series(1, 20) g"
    # without the trigger the load would delete them again
    wrong resurrected "LOCK own; INSERT INTO own (id, v) SELECT g, 1 FROM generate_series(1, 20) g ON CONFLICT DO NOTHING;
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE DELETE ON own FOR EACH ROW EXECUTE FUNCTION keep();" ">= 1"
}

@test "what a report shows of names and keys has no control characters" {
    sql $'CREATE TABLE "o\nw\e[31m" (k text PRIMARY KEY, v int)'
    sed 's/insert = "own"/insert = "\\"o\\nw\\27[31m\\""/; s/"v", gen.int(1, 1000)/"k", gen.unique "\\27[31m%s"/' own.lua >names.lua
    printf '%b\n' 'DELETE FROM "o\nw\e[31m";' >names.sql
    printf '%s\n' 'return { summary = "names", tables = { "own" },' \
        '  steps = { { sql = "names.sql", say = "Do \27[31mit" } } }' >names_gone.lua
    run_partdemo run ./names_gone.lua --under names.lua "${SHORT[@]}"
    exited 4
    has "$output" '\x1b[31m' " lost (k (" "FAILED"
    run -1 grep -n $'\e' <<<"$(sed -n '/^writers/,/^lock sampler/p' <<<"$output")"
}

@test "reconciliation: stale, misplaced, moved" {
    scenario stale "LOCK own; UPDATE own SET note = 'as it was' WHERE id BETWEEN 21 AND 100;
        CREATE RULE keep AS ON UPDATE TO own DO INSTEAD NOTHING;"
    run_partdemo run ./stale.lua --under mixed.lua "${SHORT[@]}" --format json
    exited 4
    holds 'i.reconciliation.tables[0].stale > 5' 'i.reconciliation.tables[0].lost === 0'
    sql "DROP RULE keep ON own; DROP TABLE own;
         CREATE FUNCTION side(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1 % 2; END';
         CREATE TABLE own (id bigserial, v int) PARTITION BY LIST (side(v));
         CREATE TABLE own_0 PARTITION OF own FOR VALUES IN (0); CREATE TABLE own_1 PARTITION OF own FOR VALUES IN (1)"
    # plpgsql: a function in SQL would be put in its place, in each session the one that it first saw
    scenario misplaced "CREATE OR REPLACE FUNCTION side(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (\$1 + 1) % 2; END';"
    rehearse misplaced --cooldown 0s
    exited 4
    holds 'i.reconciliation.tables[0].misplaced > 50' 'i.reconciliation.tables[0].lost === 0'
    sql "CREATE TABLE own_archive (id bigint, v int)"
    local sql="LOCK own; WITH gone AS (DELETE FROM own WHERE v < 500 RETURNING id, v) INSERT INTO own_archive TABLE gone;"
    scenario archive "$sql" 'moved = { own = "own_archive" },'
    rehearse archive
    exited 0
    is t "SELECT count(*) > 20 FROM own_archive"
    scenario archive "$sql"
    rehearse archive
    exited 4
    holds 'i.reconciliation.tables[0].lost > 20'
}

@test "reconciliation: a mix looks after its own tables" {
    sed 's/^return {/return { reconcile = function(conn) local n = conn:exec("SELECT count(*) AS n FROM own")[1].n\n return n < 100, n .. " rows" end,/' own.lua >strict.lua
    run_partdemo run ./brief.lua --under strict.lua "${SHORT[@]}" --format json
    exited 4
    holds '!i.reconciliation.ok' '!i.reconciliation.own.ok' '/ rows$/.test(i.reconciliation.own.detail)' \
        'i.reconciliation.tables[0].ok'
}

@test "the connections of the sampler and of the load are killed" {
    start_rehearsal long
    wait_for sql_true "SELECT count(*) = 4 FROM pg_locks WHERE NOT granted AND relation = 'own'::regclass"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'partdemo sampler'" >/dev/null
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'partdemo load'" >/dev/null
    end_partdemo
    exited 4
    holds 'i.sampler.lost >= 1' 'i.sampler.samples > 20' 'i.unexpected === 4' \
        'i.errors.every(e => /^(57P01|08006)$/.test(e.sqlstate))' 'i.reconciliation.ok' 'i.after.count > 50'
}

@test "the step's backend is killed" {
    start_rehearsal endless
    wait_for in_step
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()" >/dev/null
    end_partdemo
    exited 1
    holds 'i.reconciliation.ok' 'i.steps.length === 1' 'i.steps[0].error.length > 0'
    is t "SELECT to_regclass('half') IS NULL"
}

@test "the server restarts: what was cut off at its commit is looked up" {
    sql "ALTER DATABASE $PGDATABASE SET synchronous_commit = on;
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.006); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON own DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION slow()"
    start_rehearsal quiet
    wait_for in_step
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -m immediate -w -s restart \
        >/dev/null 2>&1 3>&- 4>&-
    end_partdemo
    exited 1
    holds 'i.reconciliation.ok' 'i.reconciliation.acknowledged > 50' 'i.sampler.lost >= 1' \
        'i.reconciliation.tables[0].unknown >= 1' 'i.reconciliation.tables[0].undecided === 0'
    is $((100 + $(value 'i.reconciliation.tables[0].keys + i.reconciliation.tables[0].committed'))) \
        "SELECT count(*) FROM own"
}

@test "Ctrl-C in the warm-up, in a step that never ends, in the cool-down" {
    start_rehearsal brief --warmup 30s
    wait_for loaded
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    holds 'i.steps.length === 0' 'i.reconciliation.ok' 'i.verdict.startsWith("no step was begun")'
    is t "SELECT atthasdef = false FROM pg_attribute WHERE attrelid = 'own'::regclass AND attname = 'v'"

    start_rehearsal endless
    wait_for in_step
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    holds 'i.steps.length === 1' 'i.reconciliation.ok' 'i.elapsed_ms < 10000'
    is t "SELECT to_regclass('half') IS NULL"

    start_rehearsal brief --cooldown 30s
    wait_for sql_true "SELECT atthasdef FROM pg_attribute WHERE attrelid = 'own'::regclass AND attname = 'v'"
    kill -TERM "$PD_PID"
    end_partdemo
    exited 143
    holds 'i.steps.length === 1' 'i.reconciliation.ok'

    # somebody else holds the load up when it is interrupted
    start_rehearsal brief --cooldown 30s
    wait_for loaded
    psql -XAtq -c "BEGIN; LOCK TABLE own IN SHARE MODE; SELECT pg_sleep(31)" >/dev/null 2>&1 3>&- 4>&- &
    wait_for sql_true "SELECT count(*) = 4 FROM pg_locks WHERE NOT granted AND relation = 'own'::regclass AND mode = 'RowExclusiveLock'"
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    holds 'i.unanswered > 4 && i.notes.some(n => n.startsWith(i.unanswered + " operations due and not answered"))' 'i.reconciliation.ok' \
        'i.operations === i.unanswered + i.reconciliation.acknowledged'
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(31)%' AND pid <> pg_backend_pid()" >/dev/null
}

@test "a role that may not see what others do, one that may not make temporary tables" {
    sql "CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain; ALTER TABLE own OWNER TO plain;
         REVOKE TEMP ON DATABASE $PGDATABASE FROM public; GRANT TEMP ON DATABASE $PGDATABASE TO plain"
    start_rehearsal brief -U plain --cooldown 800ms
    wait_for loaded
    sql "BEGIN; LOCK TABLE own IN SHARE MODE; SELECT pg_sleep(0.4)" >/dev/null
    end_partdemo
    exited 0
    holds 'i.unanswered === 0' 'i.sampler.hidden' 'i.holders.some(h => h.pid > 0 && !h.query && h.longest_ms > 300)' \
        'i.reconciliation.tables[0].keys > 100'
    sql "REVOKE TEMP ON DATABASE $PGDATABASE FROM plain"
    rehearse brief -U plain
    exited 0
    holds 'i.reconciliation.tables.length === 0' 'i.reconciliation.unfollowed.length === 1' \
        '/acknowledged, not checked$/.test(i.verdict)'
}

@test "compare: two reports side by side" {
    rehearse hold
    exited 0
    cp "$BATS_TEST_TMPDIR/stdout" a.json
    rehearse brief
    exited 0
    cp "$BATS_TEST_TMPDIR/stdout" b.json
    run_partdemo compare a.json b.json
    exited 0
    has "$output" "A: a.json: writers stalled" "B: b.json:" "writers stalled"
    run_partdemo compare a.json own.lua
    exited 2
    has "$stderr" "own.lua"
    echo '{"impact": {"verdict": "", "rate": 1, "clients": 1, "steps": [{}], "before": {"p50_ms": 1, "p99_ms": 1, "max_ms": 1}}}' >bad.json
    run_partdemo compare a.json bad.json
    exited 2
    has "$stderr" "bad.json: there is no impact report in it"
}

@test "what --under refuses" {
    run_partdemo run load --under own.lua
    exited 2
    has "$stderr" "load has a load of its own"
    run_partdemo run ./hold.lua --under own.lua --rate 5 --max
    exited 2
    run_partdemo run ./hold.lua --under nothing
    exited 2
    run_partdemo run ./brief.lua --under standard -d "dbname=postgres"
    exited 2
    has "$stderr" "there is no table 'event_logs'"
    run_partdemo run ./hold.lua --under own.lua --warmup 3
    exited 2
    has "$stderr" "--warmup takes a duration"
    run_partdemo run ./hold.lua --under own.lua --rate 1e9
    exited 2
    has "$stderr" "at most 200000"
    run_partdemo run ./hold.lua --max-stall 1s
    exited 2
    has "$stderr" "--max-stall is for --under"
}
