#!/usr/bin/env bats
# The query demonstrations and the step that runs them.

bats_require_minimum_version 1.5.0
load ../lib

QUERIES=$PARTDEMO_SOURCE/sql/queries

setup_file() {
    pg_start "autovacuum = off"
    fresh_db filled
    partdemo run setup -q
}

teardown_file() { pg_stop; }

setup() {
    export PGDATABASE=filled
    DIR=$BATS_TEST_TMPDIR/mine
    mkdir "$DIR"
    cd "$BATS_TEST_TMPDIR" || return
}

# copy_db NAME: a database of its own with the tables of the setup, used from here on.
copy_db() {
    psql -XAtq -d postgres -c "CREATE DATABASE $1 TEMPLATE filled"
    export PGDATABASE=$1
}

# document JS: an expression over the JSON document d of the last run, and its queries by name, q.
document() {
    node -p 'const d = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const q = Object.fromEntries(d.queries.map(x => [x.name, x]));'"$1" "$BATS_TEST_TMPDIR/stdout"
}

# scanned NAME: how many leaves the query of that name scanned, in the last run.
scanned() { grep -oE "^$1 +[0-9]+ of [0-9]+" <<<"$output" | sed -E 's/^[a-z_0-9]+ +//' | sort -u; }

@test "each file runs in psql by itself and leaves no session state behind" {
    local file got
    for file in "$QUERIES"/*.sql; do
        got=$(psql -XAtq -f "$file" -c "SELECT 'left: ' || (SELECT count(*) FROM pg_prepared_statements)
            || ' ' || current_setting('plan_cache_mode') || ' ' || current_setting('enable_partitionwise_aggregate')" \
            2>"$BATS_TEST_TMPDIR/errors")
        has "$got" "left: 0 auto off"
        if [[ $file == *23_composite* ]]; then
            [[ $(grep -c ERROR "$BATS_TEST_TMPDIR/errors") == 1 ]]
            has "$(<"$BATS_TEST_TMPDIR/errors")" 'no partition of relation "sales_data" found for row'
        else
            [[ ! -s $BATS_TEST_TMPDIR/errors ]]
        fi
    done
}

@test "queries: every query reads the leaves that it should, and changes nothing" {
    local before
    before=$(fingerprint)
    run_partdemo run queries
    exited 0
    diff <(echo "$before") <(fingerprint)
    [[ $(scanned single_day) == "1 of 4" && $(scanned several_months) == "3 of 4" && $(scanned open_range) == "2 of 4" ]]
    [[ $(scanned several_ids) == "3 of 4" && $(scanned id_range) == "4 of 4" && $(scanned not_in) == "3 of 4" ]]
    [[ $(scanned both_keys) == "1 of 6" && $(scanned category_only) == "2 of 6" && $(scanned outside) == "0 of 6" ]]
    [[ $output =~ prepared\ +1\ of\ 4\ +start\ 3 && $output =~ days_of_interest\ +1\ of\ 4\ +run\ 3 ]]
    [[ $output =~ refused_sale\ +refused\ +23514 ]]
    has "$output" "sales_2024_q2_other" "event_logs_default" "queries: done in"
    # Again: there is no end state that could be there already.
    run_partdemo run queries -q
    exited 0
    has "$output" "queries: done in"
}

@test "queries --format json: cards, times, and the leaves that psql finds the rows in" {
    local holding
    run_partdemo run queries --format json
    exited 0
    [[ $(document 'd.queries.length + " " + d.queries.every(x => x.ok)') == "37 true" ]]
    [[ $(document 'q.single_day.old.ms > 0 && q.single_day.ms > 0 && q.single_day.old.buffers > 0 &&
        q.single_day.ms >= q.single_day.planning_ms') == true ]]
    [[ $(document 'JSON.stringify(q.several_months.expected)') == '["event_logs_2024_01","event_logs_2024_02","event_logs_2024_03"]' ]]
    [[ $(document 'q.refused_sale.expected + " " + q.refused_sale.card') == "23514 null" ]]
    holding=$(sql "SELECT string_agg(DISTINCT tableoid::regclass::text, ' ' ORDER BY tableoid::regclass::text)
                   FROM event_logs WHERE created_at >= '2024-03-01'")
    [[ $(document 'q.open_range.card.tables[0].scanned.sort().join(" ")') == "$holding" ]]
    holding=$(sql "SELECT tableoid::regclass FROM users_distributed WHERE id = 42")
    [[ $(document 'q.one_id.card.tables[0].scanned.join(" ")') == "$holding" ]]
    holding=$(sql "SELECT DISTINCT tableoid::regclass FROM orders_by_region WHERE region = 'JP'")
    [[ $(document 'd.queries.filter(x => x.name == "prepared" && x.file.includes("list"))[0].card.tables[0].scanned.join(" ")') == "$holding" ]]
}

@test "queries on empty tables" {
    copy_db empty
    sql "TRUNCATE event_logs, users_distributed, orders_by_region, sales_data"
    run_partdemo run queries
    exited 0
    [[ $(scanned days_of_interest) == "1 of 4" && $(scanned join_by_id) == "2 of 4" ]]
    has "$stderr" "event_logs has 0 rows and event_logs_old has 400"
}

@test "queries after partitions were split, detached and added: what is expected follows the bounds" {
    copy_db changed
    psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_01;
ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02;
CREATE TABLE week1 PARTITION OF event_logs FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');
CREATE TABLE week2 PARTITION OF event_logs FOR VALUES FROM ('2024-02-08') TO ('2024-02-15');
CREATE TABLE week3 PARTITION OF event_logs FOR VALUES FROM ('2024-02-15') TO ('2024-02-22');
CREATE TABLE week4 PARTITION OF event_logs FOR VALUES FROM ('2024-02-22') TO ('2024-03-01');
INSERT INTO event_logs TABLE event_logs_2024_02;
BEGIN;
CREATE TABLE april AS SELECT * FROM event_logs WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';
DELETE FROM event_logs WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';
CREATE TABLE event_logs_2024_04 PARTITION OF event_logs FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
INSERT INTO event_logs TABLE april;
COMMIT;
SQL
    run_partdemo run queries
    exited 0
    [[ $(scanned single_month) == "4 of 7" && $(scanned single_day) == "1 of 7" && $(scanned open_range) == "3 of 7" ]]
    # January has no partition any more: the default may have it.
    [[ $(scanned several_months) == "6 of 7" && $(scanned days_of_interest) == "2 of 7" ]]
    has "$stderr" "event_logs has 382 rows and event_logs_old has 400"
}

@test "queries without the setup: exit 4, and the output says what provides it" {
    fresh_db nothing
    run_partdemo run queries
    exited 4
    has "$stderr" "queries needs setup" "'partdemo run setup' provides it"
}

@test "queries --dry-run shows the SQL and runs none of it" {
    fresh_db nothing
    run_partdemo run queries --dry-run
    exited 0
    has "$output" "explained and timed, then rolled back" "EXECUTE events_between ('2024-02-16', '2024-02-17');"
}

# mine EXPECT [FIELDS]: a scenario over mine/q.sql, which is on stdin.
mine() {
    cat >"$DIR/q.sql"
    echo "return { summary = 's', steps = { { query = 'q.sql', expect = $1, ${2:-} } } }" >"$DIR/s.lua"
}

TWO="-- name: one
SELECT count(*) FROM event_logs WHERE created_at = '2024-02-16';
-- name: other
SELECT count(*) FROM event_logs AS e JOIN users_distributed AS u ON u.id = e.user_id WHERE e.created_at < '2024-01-05';"

@test "a wrong expectation: exit 4 after all queries ran, with what was expected and what was read" {
    mine "{ one = 2, other = { e = 2, users_distributed = function() return { 'x' } end } }" <<<"$TWO"
    run_partdemo run mine/s.lua
    exited 4
    has "$output" "FAILED one: expected 2 leaves, got 1 leaf (event_logs_2024_02)" \
        "FAILED other, users_distributed: expected 1 leaf (x), got 4 leaves"
    has "$stderr" "not the leaves that were expected" "one: expected 2 leaves"
    [[ $output != *"FAILED other, e:"* ]]
    run_partdemo run mine/s.lua --format json
    exited 4
    [[ $(document 'd.outcome + " " + q.one.ok + " " + q.one.expected + " " + q.other.expected.e') == "failed false 2 2" ]]
}

@test "a wrong expectation: the query steps after it run all the same, but no step that changes something" {
    mine "{ one = 3 }" <<<"$TWO"
    echo "SELECT 1;" >"$DIR/change.sql"
    echo "return { summary = 's', steps = { { query = 'q.sql', expect = { one = 3 } }, { query = 'q.sql', expect = { other = { e = 4 } } },
        { query = 'q.sql' }, { sql = 'change.sql', say = 'Change' } } }" >"$DIR/s.lua"
    run_partdemo run mine/s.lua
    exited 4
    has "$output" "[3/4]" "FAILED one: expected 3 leaves" "FAILED other, e: expected 4 leaves"
    has "$stderr" "one: expected 3 leaves" "other, e: expected 4 leaves"
    [[ $output != *Change* ]]
    run_partdemo run mine/s.lua --format json
    exited 4
    [[ $(document 'd.queries.length') == 6 ]]
}

@test "a number alone for several tables, and a name that is not read: exit 4" {
    mine "{ other = 1 }" <<<"$TWO"
    run_partdemo run mine/s.lua
    exited 4
    has "$stderr" "other reads several partitioned tables" "{ one = 1, other = 2 }"
    mine "{ one = { sales_data = 1 } }" <<<"$TWO"
    run_partdemo run mine/s.lua
    exited 4
    has "$stderr" "the query one reads no table sales_data"
}

@test "compare gives other names to identifiers, and to nothing else" {
    sql "CREATE TABLE plain (k int, word text); INSERT INTO plain VALUES (1, 'event_logs')"
    cat >"$BATS_TEST_TMPDIR/it.sql" <<'SQL'
-- name: it
-- event_logs in a comment
BEGIN;
PREPARE p AS SELECT 1 / count(*) AS divided /* event_logs */
    FROM "event_logs" WHERE EVENT_LOGS.event_type IN ('event_logs', $$event_logs$$, 'login');
EXECUTE p;
DEALLOCATE p;
ROLLBACK;
SQL
    # On plain this divides by zero, unless 'event_logs' stays what it is.
    mine "{ it = 4 }" "compare = { event_logs = 'plain', event_type = 'word' }" <"$BATS_TEST_TMPDIR/it.sql"
    run_partdemo run mine/s.lua --format json
    exited 0
    [[ $(document 'q.it.old.buffers + " " + q.it.ok') == "1 true" ]]
    mine "{ it = 4 }" "compare = { event_logs = 'nowhere' }" <"$BATS_TEST_TMPDIR/it.sql"
    run_partdemo run mine/s.lua
    exited 1
    has "$stderr" 'relation "nowhere" does not exist (42P01)' "q.sql:5:10"
    sql "DROP TABLE plain"
}

@test "an expected SQLSTATE: met, another one, none; nothing stays" {
    mine "{ in_ = '23514' }" <<'SQL'
-- name: in_
INSERT INTO sales_data (id, sale_date, product_category, product_id, quantity, unit_price, total_amount)
VALUES (0, '2024-02-01', 'toys', 1, 1, 1, 1);
SQL
    run_partdemo run mine/s.lua
    exited 4
    has "$output" "FAILED in_: expected 23514, got no error"
    is 0 "SELECT count(*) FROM sales_data WHERE id = 0"
    sed -i "s/23514/23505/; s/in_/out/" "$DIR/s.lua"
    sed -i "s/2024-02-01/2025-02-01/; s/in_/out/" "$DIR/q.sql"
    run_partdemo run mine/s.lua
    exited 4
    has "$output" "FAILED out: expected 23505, got 23514"
}

@test "what a query writes is rolled back" {
    local before
    before=$(fingerprint)
    mine "{ gone = 1 }" <<'SQL'
-- name: gone
DELETE FROM event_logs WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';
SQL
    run_partdemo run mine/s.lua
    exited 0
    diff <(echo "$before") <(fingerprint)
}

@test "mistakes in a query file: where they are" {
    mine "{}" <<<"SELECT 1;"
    run_partdemo check mine/s.lua
    exited 2
    has "$stderr" "q.sql:1: the first statement has no '-- name: NAME' above it"
    mine "{}" <<<$'-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;'
    run_partdemo check mine/s.lua
    has "$stderr" "q.sql:4: there is another query 'a'"
    mine "{}" <<<$'-- name: a\nSET work_mem = 1000;'
    run_partdemo check mine/s.lua
    has "$stderr" "q.sql:2: 'a' has no statement that EXPLAIN takes"
    mine "{ singleday = 1 }" <<<$'-- name: single_day\nSELECT 1;'
    run_partdemo check mine/s.lua
    exited 2
    has "$stderr" "steps[1].expect: there is no query 'singleday' in" "did you mean 'single_day'?"
    mine "{}" <<<$'-- name: a\nBEGIN;\nSELECT 1;'
    run_partdemo run mine/s.lua
    exited 1
    has "$stderr" "the query a leaves a transaction open" "q.sql:2" "COMMIT or ROLLBACK"
    mine "{}" <<<$'-- name: a\nSELECT 1\nFROM nowhere;'
    run_partdemo run mine/s.lua
    exited 1
    has "$stderr" "42P01" "q.sql:3"
}
