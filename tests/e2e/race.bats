#!/usr/bin/env bats
# `partdemo run race`, and the steps that it is made of: rehearsals of other scenarios, side by side. What is in the
# tables, psql says.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off" "max_connections = 60"
    fresh_db race
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    sql "CREATE TABLE own (id bigserial PRIMARY KEY, v int, note text);
         INSERT INTO own (v) SELECT 1 FROM generate_series(1, 100);
         CREATE TABLE other (LIKE own INCLUDING ALL); INSERT INTO other TABLE own"
    cat >own.lua <<'LUA'
local gen = require "partdemo.gen"
local id = gen.key("own", "id")
return { summary = "changes of own",
  { weight = 3, name = "insert", insert = "own", row = gen.row { { "v", gen.int(1, 1000000) } } },
  { weight = 3, name = "update", sql = "UPDATE own SET note = 'own ' || $2 WHERE id = $1",
    params = gen.row { { "id", id }, { "n", gen.int(1, 9) } },
    ledger = { table = "own", key = "id", columns = { "note" } } } }
LUA
    echo "ALTER TABLE own ALTER v SET DEFAULT 7;" >brief.sql
    echo 'return { summary = "brief", steps = { { sql = "brief.sql" } } }' >brief.lua
    echo "LOCK TABLE own IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.3);" >hold.sql
    echo 'return { summary = "hold", steps = { { sql = "hold.sql" } } }' >hold.lua
    echo "SELECT pg_sleep(600);" >endless.sql
    echo 'return { summary = "endless", steps = { { sql = "endless.sql" } } }' >endless.lua
    echo "DELETE FROM own WHERE id IN (SELECT id FROM own ORDER BY id DESC LIMIT 3);" >lose.sql
    echo 'return { summary = "lose", steps = { { sql = "lose.sql" } } }' >lose.lua
}

teardown_file() { pg_stop; }

setup() { cd "$E2E_WORK" || return; }

teardown() {
    [[ -z ${PD_PID:-} ]] || kill "$PD_PID" 2>/dev/null || true
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'partdemo%'"
}

RACE=(run race --rows 2000 --warmup 300ms --cooldown 200ms)
SHAPE='rate = 200, clients = 2, warmup = "200ms", cooldown = "200ms"'

# flow NAME STEP...: a scenario of these steps.
flow() {
    local step
    {
        echo 'return { summary = "x", params = { { name = "rate", type = "number", default = 0, help = "x" } }, steps = {'
        for step in "${@:2}"; do
            echo "  { $step },"
        done
        echo '} }'
    } >"$1.lua"
}

# holds EXPRESSION...: each is true of the document `d` and its impacts `i`.
holds() {
    node -e 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")), i = d.impacts;
        for (const each of process.argv.slice(2))
            if (eval(each) !== true) throw new Error("does not hold: " + each);' \
        "$BATS_TEST_TMPDIR/stdout" "$@" || {
        printf 'in: %s\n%s\n' "$output" "$stderr" >&2
        return 1
    }
}

value() {
    node -p 'const i = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).impacts; eval(process.argv[2])' \
        "$BATS_TEST_TMPDIR/stdout" "$1"
}

# leaves COPY: its leaves with their bounds.
leaves() {
    sql "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class
         WHERE relispartition AND relkind = 'r' AND relnamespace = 'race'::regnamespace AND relname LIKE '$1%' ORDER BY 1"
}

# nothing_of_a_race: no schema, function or trigger of it or of an online run.
nothing_of_a_race() {
    is 0 "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname IN ('race', 'partdemo'))
               + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'partdemo%')"
}

@test "both copies are split, both lose no row, and the same load ran on each" {
    run_partdemo "${RACE[@]}" --keep --format json
    exited 0
    local copy
    for copy in textbook online; do
        [[ $(leaves "$copy") == "${copy}_2024_01|FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')
${copy}_2024_02_week1|FOR VALUES FROM ('2024-02-01 00:00:00') TO ('2024-02-08 00:00:00')
${copy}_2024_02_week2|FOR VALUES FROM ('2024-02-08 00:00:00') TO ('2024-02-15 00:00:00')
${copy}_2024_02_week3|FOR VALUES FROM ('2024-02-15 00:00:00') TO ('2024-02-22 00:00:00')
${copy}_2024_02_week4|FOR VALUES FROM ('2024-02-22 00:00:00') TO ('2024-03-01 00:00:00')
${copy}_2024_03|FOR VALUES FROM ('2024-03-01 00:00:00') TO ('2024-04-01 00:00:00')
${copy}_default|DEFAULT" ]]
        holds "i.$copy.reconciliation.ok && i.$copy.failures.length === 0 && i.$copy.kept_up" \
            "i.$copy.reconciliation.followed === i.$copy.reconciliation.acknowledged" \
            "i.$copy.change.ended && i.$copy.change.stall_ms > 0 && i.$copy.change.wal_bytes > 0" \
            "i.$copy.rate === 300 && i.$copy.clients === 4"
        is 3 "SELECT count(*) FROM pg_indexes WHERE schemaname = 'race' AND tablename = '${copy}_2024_02_week1'"
    done
    holds 'd.outcome === "done" && d.impact === null' 'Object.keys(i).join() === "online,textbook"' \
        'i.textbook.steps.length === 1 && i.online.steps.length === 10' \
        'i.textbook.steps[0].locks[0].mode === "ACCESS EXCLUSIVE"' 'i.textbook.steps[0].scenario === "race/textbook"'
    # The slower side did a part of what the other one did: the same rows in the same order, for each client.
    is t "SELECT count(*) > 20 FROM race.textbook AS a JOIN race.online AS b USING (event_type, user_id, event_data, created_at)
          WHERE a.id > 2000 AND b.id > 2000"
    # The same keys: most of what the shorter run deleted. By chance it would be one row in a hundred.
    is t "SELECT count(*) FILTER (WHERE t AND o) > least(count(*) FILTER (WHERE t), count(*) FILTER (WHERE o)) / 2
          FROM (SELECT id NOT IN (SELECT id FROM race.textbook) AS t, id NOT IN (SELECT id FROM race.online) AS o
                FROM generate_series(1, 2000) AS id) AS gone"
}

@test "again, over what was kept; 80 columns, no colour, no UTF-8: readable" {
    is t "SELECT to_regclass('race.online') IS NOT NULL"
    COLUMNS=80 LC_ALL=C run_partdemo "${RACE[@]}"
    exited 0
    has "$output" "longest wait of a write" "TEXTBOOK" "ONLINE" "neither lost a" "race: done in"
    nothing_of_a_race
    run -1 grep -nP '[^\x00-\x7F]' <<<"$output"
    run -1 grep -nE '^.{81}' <<<"$output"
}

@test "Ctrl-C in the online split: what there is, and the next race begins anew" {
    start_partdemo "${RACE[@]}" --rows 30000 --format json
    wait_for sql_true "SELECT phase IN ('captured', 'copied') FROM partdemo.runs"
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    holds 'd.outcome === "failed" && i.textbook.change.ended && i.textbook.reconciliation.ok' \
        'i.online.reconciliation.ok && i.online.steps.length < 10'
    # The table takes rows: the capture is in nobody's way.
    sql "INSERT INTO race.online (event_type, user_id, created_at) VALUES ('x', 1, '2024-02-03')"
    run_partdemo "${RACE[@]}" -q
    exited 0
    nothing_of_a_race
}

@test "killed after the swap; --clear ends that run and drops both" {
    # The end of the run, which drops the old partition, takes its time.
    sql "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS \$\$BEGIN
             PERFORM pg_sleep(60) FROM pg_event_trigger_dropped_objects() WHERE object_identity = 'partdemo_old_1.online_2024_02'; END\$\$;
         CREATE EVENT TRIGGER slow ON sql_drop EXECUTE FUNCTION slow()"
    start_partdemo "${RACE[@]}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    kill -KILL "$PD_PID"
    end_partdemo
    exited 137
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
    sql "DROP EVENT TRIGGER slow; DROP FUNCTION slow"
    is validated "SELECT phase FROM partdemo.runs"
    run_partdemo run race --clear
    exited 0
    nothing_of_a_race
    run_partdemo run race --clear
    exited 0
}

@test "what is somebody else's is not dropped" {
    sql "CREATE SCHEMA race; CREATE TABLE race.results (a int)"
    run_partdemo "${RACE[@]}"
    exited 1
    has "$stderr" "the schema race was not made by the race, so it is not dropped"
    is t "SELECT to_regclass('race.results') IS NOT NULL"
    sql "SET client_min_messages = warning; DROP SCHEMA race CASCADE"
    psql -XAtq -v ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/race/make.sql"
    sql "CREATE VIEW looks AS SELECT id FROM race.online"
    run_partdemo run race --clear
    exited 1
    has "$stderr" "(2BP01)"
    is t "SELECT to_regclass('race.textbook') IS NOT NULL"
    sql "DROP VIEW looks"
    run_partdemo run race --clear
    exited 0
    nothing_of_a_race
}

@test "psql runs the files too" {
    local split
    psql -XAtq -v ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/race/make.sql"
    sql "INSERT INTO race.textbook (event_type, user_id, created_at)
         SELECT 'x', n, timestamp '2024-02-01' + n * interval '1 hour' FROM generate_series(0, 695) AS n"
    psql -XAtq -v ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/race/textbook.sql"
    split=$(leaves textbook)
    [[ $(wc -l <<<"$split") == 7 ]]
    is 696 "SELECT count(*) FROM race.textbook"
    psql -XAtq -v ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/race/clear.sql"
    nothing_of_a_race
}

@test "steps of one's own: another table for a mix, the impacts side by side" {
    flow both 'rehearse = "./brief.lua", as = "one", under = "own.lua", '"$SHAPE" \
        'rehearse = "./hold.lua", as = "two", under = "own.lua", on = { own = "other" }, '"$SHAPE" \
        'rehearse = "./hold.lua", as = "three", under = "own.lua", '"$SHAPE" \
        'impacts = { "one", "two", "three" }'
    run_partdemo run ./both.lua --format json --seed 5
    exited 0
    holds 'i.two.reconciliation.tables.length === 1 && i.two.reconciliation.tables[0].table === "other"' \
        'i.one.change.stall_ms < 250 && i.three.change.stall_ms > 250' 'i.two.change.stall_ms < 250' \
        'i.three.change.blocked.most === 2'
    is "$(value 'i.two.reconciliation.tables[0].keys')" "SELECT count(*) FROM other WHERE id > 100 OR note LIKE 'own %'"
    # The same rows in the same order: of two clients' rows, all that the shorter of the runs made, but for the last ones.
    is t "SELECT count(*) > 40 FROM own WHERE id > 100 AND v IN (SELECT v FROM other WHERE id > 100)"
    has "$stderr" "ONE" "TWO" "THREE" " for three, " "none lost a row"
}

@test "a rate that is found once is that of all" {
    flow found 'rehearse = "./brief.lua", as = "one", under = "own.lua", clients = 2, rate = "${rate}", warmup = "400ms", cooldown = "100ms"' \
        'rehearse = "./brief.lua", as = "two", under = "own.lua", clients = 2, warmup = "400ms", cooldown = "100ms"'
    run_partdemo run ./found.lua --format json --seed 5
    exited 0
    holds 'i.one.rate > 1 && i.one.rate === i.two.rate' 'i.one.sustained > 1 && i.two.sustained === undefined'
    # The load that found it has rows of its own.
    [[ $(grep -oE 'seed [0-9]+' "$BATS_TEST_TMPDIR/stderr" | tr '\n' ' ') == "seed 6 seed 5 seed 5 " ]]
}

@test "loads that are too much, or not the same, are said to be so" {
    flow much 'rehearse = "./brief.lua", as = "one", under = "slow.lua", rate = 100, clients = 1, warmup = "500ms", cooldown = "0s"' \
        'rehearse = "./brief.lua", as = "two", under = "own.lua", '"$SHAPE" 'impacts = { "one", "two" }'
    echo 'return { summary = "slow", { weight = 1, name = "slow", sql = "INSERT INTO own (v) SELECT 1 FROM pg_sleep(0.02)" } }' >slow.lua
    run_partdemo run ./much.lua
    exited 0
    has "$stderr" "one: the server did not keep up with 100 operations/s" "the rehearsals had different loads"
    has "$output" "not all rows were compared"
}

@test "what a rehearsal finds wrong ends the run, and its impact is there" {
    flow wrong 'rehearse = "./lose.lua", as = "one", under = "own.lua", '"$SHAPE" \
        'rehearse = "./brief.lua", as = "two", under = "own.lua", '"$SHAPE"
    run_partdemo run ./wrong.lua --format json
    exited 4
    holds 'i.one.reconciliation.tables[0].lost === 3' 'i.two === undefined' 'd.outcome === "failed"' \
        'd.error.includes("the rehearsal failed: own: 3 lost")'
    flow limit 'rehearse = "./endless.lua", as = "one", under = "own.lua", max_stall = "100ms", '"$SHAPE" \
        'impacts = { "one", "one" }'
    sed -i 's/pg_sleep(600)/pg_sleep(600) FROM (SELECT count(*) FROM own) AS x/; s/^/LOCK own; /' endless.sql
    run_partdemo run ./limit.lua --format json
    exited 4
    holds 'i.one.steps[0].cancelled && !i.one.change.ended'
}

@test "--dry-run and describe say what is rehearsed, and change nothing" {
    run_partdemo run race --dry-run
    exited 0
    has "$output" "run race/textbook --under changes --rate 300 --clients 4 --warmup 3s --cooldown 3s, with race.textbook for event_logs" \
        "run online/split --at '2024-02-08,2024-02-15,2024-02-22'"
    nothing_of_a_race
    flow plain 'rehearse = "./brief.lua", as = "one", under = "own.lua"' 'rehearse = "./brief.lua", as = "two", under = "own.lua"' 'impacts = { "one", "two" }'
    run_partdemo describe ./plain.lua
    exited 0
    has "$output" "1. Rehearse ./brief.lua under own.lua" "3. Compare one, two"
    run_partdemo describe race
    has "$output" "--rows " "--clear " "The online split, on race.online"
}

@test "a flow with rehearsals is a test, too" {
    flow tested 'rehearse = "brief.lua", as = "one", under = "own.lua", '"$SHAPE"
    sed -i 's/steps = {/steps = { { sql = "make.sql" },/' tested.lua
    echo "CREATE TABLE own (id bigserial PRIMARY KEY, v int, note text); INSERT INTO own (v) VALUES (1);" >make.sql
    run_partdemo test ./tested.lua
    exited 0
    has "$output" "ok 2 - brief: brief.sql" "1..3"
}

@test "what is refused, before anything is touched" {
    local wrong
    run_partdemo run race --under hot
    exited 2
    has "$stderr" "race rehearses by itself: it cannot be rehearsed again"
    for wrong in "--rows 99" "--rows many" "--rate -1" "--rate 1e9" "--clients 0" "--clients 20000" "--warmup soon" "--cooldown 3" \
        "--max-stall 1s" "extra"; do
        # shellcheck disable=SC2086 # two words each
        run_partdemo run race $wrong
        exited 2
        [[ -n $stderr && -z $output ]]
    done
    flow both_paces 'rehearse = "./brief.lua", as = "one", under = "own.lua", rate = 5, max = true'
    run_partdemo run ./both_paces.lua
    exited 2
    has "$stderr" "one: rate and max exclude each other"
    flow runs_it 'run = "race"'
    run_partdemo run ./runs_it.lua --under own.lua
    exited 2
    has "$stderr" "race rehearses by itself"
    nothing_of_a_race
    flow missing 'rehearse = "./brief.lua", as = "one", under = "own.lua", on = { own = "nowhere" }, '"$SHAPE"
    run_partdemo run ./missing.lua
    exited 2
    has "$stderr" "there is no table 'nowhere'"
}
