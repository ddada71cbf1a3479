#!/usr/bin/env bats
# Every JSON document that the program prints is as docs/schemas says, which knows no field that is not described.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    private_start
    PARTDEMO_PG_BIN=$(pg_bin)
    export PARTDEMO_PG_BIN
    cd "$PRIVATE_DIR/work" || return
    partdemo run setup -q
    (inside && sql "CREATE TABLE plain (id int PRIMARY KEY, v text);
         CREATE TABLE gaps (id int, at date) PARTITION BY RANGE (at);
         CREATE TABLE gaps_1 PARTITION OF gaps FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE gaps_2 PARTITION OF gaps FOR VALUES FROM ('2024-05-01') TO ('2024-06-01') PARTITION BY HASH (id);")
    echo 'return { summary = "fails", steps = { { sql = "fails.sql", say = "Divide" } } }' >fails.lua
    echo "SELECT 1 / 0;" >fails.sql
    echo 'return { summary = "holds", steps = { { sql = "holds.sql", say = "Hold" } } }' >holds.lua
    echo "LOCK TABLE event_logs; SELECT pg_sleep(60);" >holds.sql
    cat >two.lua <<'LUA'
return { summary = "two rehearsals", steps = {
  { rehearse = "add", as = "one", under = "standard", rate = 100, clients = 2, warmup = "300ms", cooldown = "200ms" },
  { rehearse = "split", as = "two", under = "standard", rate = 100, clients = 2, warmup = "300ms", cooldown = "200ms" },
  { impacts = { "one", "two" } },
} }
LUA
    cat >wrong.lua <<'LUA'
return { summary = "an entry that fails",
  { weight = 1, name = "good", sql = "SELECT count(*) FROM event_logs" },
  { weight = 1, name = "bad", sql = "INSERT INTO plain VALUES (1, 'x')" } }
LUA
    sed 's/sql = "INSERT[^"]*"/&, on_error = "stop"/' wrong.lua >stops.lua
}

teardown_file() {
    cd / || true
    private_stop
}

setup() { cd "$PRIVATE_DIR/work" || return; }

inside() {
    export PGHOST=$PARTDEMO_STATE/run PGPORT=5432 PGUSER=postgres PGDATABASE=partitiondb
}

schema() { "$PARTDEMO_SOURCE/tests/e2e/schema.py" "$@"; }

# valid SCHEMA STATUS ARG...: `partdemo ARG... --format json` ends with the status and prints such a document.
valid() {
    run_partdemo "${@:3}" --format json
    exited "$2" || return
    schema "$1" <<<"$output"
}

# has_fields FIELD...: the last document has them, so that the test has seen what they hold.
has_fields() {
    local field
    for field; do
        has "$output" "\"$field\":" || return
    done
}

@test "the schemas are schemas, and describe each of their fields" {
    schema --schemas
}

@test "tree: one table, several, a plain one, a partition by itself, never analyzed" {
    valid tree 0 tree event_logs
    valid tree 0 tree sales_data
    has_fields partitions leaf strategy key bound
    valid tree 0 tree sales_2024_q1
    has_fields partition_of
    valid tree 0 tree plain gaps
    has_fields tables
    valid tree 0 tree plain gaps --estimate
    has_fields rows_unknown
    has "$output" '"rows": null' '"rows_estimated": true'
}

@test "stats: one table, several, with every kind of finding that a healthy server has" {
    valid stats 0 stats event_logs
    has_fields skew share inserted last_analyze
    has "$output" '"kind": "default"'
    valid stats 0 stats plain gaps
    has "$output" '"kind": "coverage"' '"kind": "never_analyzed"'
    valid stats 0 stats gaps --estimate
}

@test "explain: pruned at each moment, not executed, written, planned only" {
    valid explain 0 explain "SELECT count(*) FROM event_logs WHERE created_at < '2024-02-01'"
    valid explain 0 explain "SELECT * FROM event_logs WHERE date_trunc('month', created_at) = '2024-02-01'"
    [[ $output != *'"reason": null'* ]]
    [[ $output != *'"hint": null'* ]]
    valid explain 0 explain "SELECT * FROM event_logs LIMIT 1"
    valid explain 0 explain "UPDATE sales_data SET product_category = 'shoes' WHERE sale_date = '2024-01-05'"
    valid explain 0 explain "INSERT INTO plain VALUES (7, 'seven')"
    has "$output" '"operation": "insert"'
    valid explain 0 explain "SELECT * FROM users_distributed WHERE id = \$1" --param 5 --generic
    valid explain 0 explain "SELECT * FROM users_distributed" --no-analyze
    has "$output" '"execution_ms": null'
}

@test "list, describe, check, env and server" {
    valid list 0 list
    valid list 0 list --mixes
    has "$output" '"mixes": ['
    valid describe 0 describe online/split
    has_fields option default words when
    valid describe 0 describe split
    has_fields file needs
    valid check 2 check wrong.lua fails.lua gone.lua
    has_fields error is_mix
    valid env 0 env
    has "$output" '"private": true'
    inside
    valid env 0 env
    has "$output" '"private": false'
    valid server 0 server status
    has_fields pid version
    valid server 0 server start
    valid server 0 server status --state "$PRIVATE_DIR/none"
    has "$output" '"status": "absent"'
}

@test "run: done, already done, failed" {
    valid run 0 run setup
    has "$output" '"outcome": "already"'
    valid run 0 run add
    has "$output" '"outcome": "done"'
    has_fields statements before after
    valid run 1 run ./fails.lua
    has "$output" '"outcome": "failed"' "division by zero"
    valid run 0 run cleanup
}

@test "run: queries, with their cards" {
    valid run 0 run queries
    has_fields card refused old planning_ms
}

@test "run load: the document, the events, errors, an entry that stops it" {
    valid run 0 run load --rate 100 --clients 2 --duration 1s
    has_fields ops uncorrected partitions
    valid run 0 run load --mix ./wrong.lua --ops 20 --max
    has "$output" '"23505":'
    valid run 1 run load --mix ./stops.lua --ops 20 --max
    has_fields stopped
    run_partdemo run load --rate 100 --duration 2500ms --jsonl
    exited 0
    [[ $(wc -l <<<"$output") == 3 ]]
    head -n 2 <<<"$output" | schema load-event --lines
    tail -n 1 <<<"$output" | schema run
}

@test "run --under: the impact, by itself, of a step that is ended by a limit, and two side by side" {
    local brief=(--rate 100 --clients 2 --warmup 500ms --cooldown 300ms)
    valid run 0 run split --under standard "${brief[@]}"
    has_fields impact verdict drain_ms reconciliation
    echo "$output" >a.json
    /usr/bin/python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["impact"], sys.stdout)' <a.json | schema impact
    valid run 0 run cleanup --under standard "${brief[@]}"
    echo "$output" >b.json
    valid compare 0 compare a.json b.json
    valid run 4 run ./holds.lua --under standard "${brief[@]}" --max-stall 50ms
    has_fields exceeded
    has "$output" '"cancelled": true'
    valid run 0 run ./two.lua
    has_fields impacts
    valid run 0 run cleanup
}

@test "test: flows that pass, one that fails, and one that is no flow" {
    cp -r "$PARTDEMO_SOURCE/docs/examples/own-flow" .
    valid test 0 test own-flow/flow.lua
    valid test 1 test own-flow/flow.lua ./fails.lua
    has_fields message sqlstate line
    echo 'return { steps = 1 }' >bad.lua
    valid test 2 test ./bad.lua
}

@test "a document with another field, without one, or with another type is refused" {
    local document
    document=$(partdemo tree sales_data --format json 2>/dev/null)
    schema tree <<<"$document"
    run schema tree < <(sed '0,/"bound":/s//"bounds":/' <<<"$document")
    exited 1
    has "$output" "/partitions/0: Additional properties are not allowed ('bounds' was unexpected)"
    run schema tree < <(sed '/"schema_version"/d' <<<"$document")
    exited 1
    has "$output" "'schema_version' is a required property"
    run schema tree <<<"${document/\"leaf\": true/\"leaf\": \"yes\"}"
    exited 1
    has "$output" "/leaf: 'yes' is not of type 'boolean'"
    run schema tree </dev/null
    exited 1
    has "$output" "there is no document"
    # What is in another schema is followed.
    document=$(partdemo run setup --format json 2>/dev/null)
    schema run <<<"$document"
    run schema run < <(sed '0,/"heap_bytes":/s//"heap":/' <<<"$document")
    exited 1
    has "$output" "'heap' was unexpected"
}

@test "every schema has been used here, and is named with its command" {
    local file name
    for file in "$PARTDEMO_SOURCE"/docs/schemas/*.schema.json; do
        name=${file##*/}
        name=${name%.schema.json}
        grep -qE "(valid|schema) $name( |\$)" "$BATS_TEST_FILENAME" || { echo "no test of $name" && return 1; }
        grep -q "($name.schema.json)" "$PARTDEMO_SOURCE/docs/schemas/README.md" || { echo "$name is not named" && return 1; }
    done
}
