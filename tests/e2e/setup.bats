#!/usr/bin/env bats
# `partdemo run setup`: what is there afterwards, told by psql and plain SQL alone.

bats_require_minimum_version 1.5.0
load ../lib

# The tables are made once; a test that needs them gets a copy of that database.
setup_file() {
    pg_start "autovacuum = off"
    export E2E_WORK=$PG_TEST_DIR/work
    mkdir "$E2E_WORK"
    cd "$E2E_WORK" || return
    fresh_db ready
    partdemo run setup -q
}

teardown_file() { pg_stop; }

setup() { cd "$E2E_WORK" || return; }

# ready: a database of the test's own, as setup leaves it.
ready() {
    sql -d postgres "CREATE DATABASE t$BATS_TEST_NUMBER TEMPLATE ready"
    export PGDATABASE=t$BATS_TEST_NUMBER
}

statements_of() {
    local file
    for file in "$@"; do
        awk 'BEGIN { RS = "" } END { print NR }' "$PARTDEMO_SOURCE/sql/$file"
    done | paste -sd+ | bc
}

# node_check SCRIPT: SCRIPT sees the document on stdout as `d`; an assertion that fails says so.
node_check() {
    node -e 'const assert = require("node:assert/strict");
        const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
        eval(process.argv[2]);' "$BATS_TEST_TMPDIR/stdout" "$1"
}

# The fields of a tree, at any depth.
TREE_CHECK='
const node = (n, root) => {
    assert.deepEqual(Object.keys(n).filter(k => !["strategy", "key", "partitions"].includes(k)).sort(),
        [...(root ? ["table"] : ["bound", "leaf", "name"]), "bytes", "detach_pending", "foreign", "heap_bytes",
            "indexes", "invalid_indexes", "rows", "rows_estimated", "bytes_estimated"].sort());
    assert.ok(Number.isInteger(n.rows) && Number.isInteger(n.bytes) && n.bytes > 0);
    if (!root) assert.equal(n.leaf, n.partitions === undefined || n.partitions.length === 0);
    const below = n.partitions ?? [];
    if (below.length) {
        assert.ok(["range", "list", "hash"].includes(n.strategy) && typeof n.key === "string");
        assert.equal(below.reduce((sum, p) => sum + p.rows, 0), n.rows);
    }
    below.forEach(p => node(p, false));
};'

@test "four partitioned tables, four old ones with the same rows; inserts through every table" {
    ready
    setup_is_whole
    [[ $(table_counts) == "400 150 250 300" ]]
    is '401|event_logs_default' "INSERT INTO event_logs (event_type, user_id, created_at)
        VALUES ('click', 1, '2024-05-05') RETURNING id, tableoid::regclass"
    is '151' "INSERT INTO users_distributed (username, email) VALUES ('new', 'n@example.com') RETURNING id"
    is '251|orders_europe' "INSERT INTO orders_by_region (order_number, user_id, product_id, region, order_total)
        VALUES ('N-1', 1, 1, 'DE', 1) RETURNING id, tableoid::regclass"
    is '301|sales_2024_q2_clothing' "INSERT INTO sales_data (sale_date, product_category, product_id,
        quantity, unit_price, total_amount) VALUES ('2024-06-30', 'shoes', 1, 1, 1, 1)
        RETURNING id, tableoid::regclass"
}

@test "a duplicate username is refused, in the same partition and in every other" {
    ready
    local leaf
    for leaf in p0 p1 p2 p3; do
        refused 23505 "INSERT INTO users_distributed (username, email)
            SELECT username, 'x' FROM users_distributed_$leaf LIMIT 1"
    done
    is 150 "SELECT count(*) FROM users_distributed"
}

@test "a second run says so, exits 0 and writes nothing" {
    ready
    local before
    before=$(fingerprint)
    run_partdemo run setup
    exited 0
    has "$output" "setup: already done, nothing was changed"
    [[ -z $stderr ]]
    run_partdemo run setup --rows 500
    exited 0
    has "$output" "setup: already done, nothing was changed"
    has "$stderr" "--rows 500 is for a new setup: 'partdemo run setup --reset --yes --rows 500' drops the tables"
    diff <(echo "$before") <(fingerprint)
}

@test "after inserts, updates and deletes in every table it is still already done" {
    ready
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('x', 1, '2031-01-01');
         INSERT INTO users_distributed (username, email) VALUES ('late', 'l@example.com');
         UPDATE orders_by_region SET region = 'BR' WHERE id = 1;
         DELETE FROM sales_data WHERE id < 10;
         TRUNCATE event_logs_old"
    local before
    before=$(fingerprint)
    run_partdemo run setup -q
    exited 0
    [[ $output == "setup: already done, nothing was changed" ]]
    diff <(echo "$before") <(fingerprint)
}

@test "--reset asks first, and without a terminal refuses and touches nothing" {
    ready
    local before
    before=$(fingerprint)
    run_partdemo run setup --reset
    exited 2
    has "$stderr" "not confirmed" "--yes"
    diff <(echo "$before") <(fingerprint)
}

@test "--reset on a terminal: no leaves everything, yes rebuilds" {
    ready
    local before
    sql "UPDATE event_logs SET event_type = 'mine' WHERE id = 1"
    before=$(fingerprint)
    run script -qec "$PARTDEMO run setup --reset" /dev/null <<<n
    [[ $status == 2 ]]
    has "$output" "[y/N]" "not confirmed"
    diff <(echo "$before") <(fingerprint)
    run script -qec "$PARTDEMO run setup --reset" /dev/null <<<y
    [[ $status == 0 ]]
    setup_is_whole
    is 0 "SELECT count(*) FROM event_logs WHERE event_type = 'mine'"
}

@test "--reset --yes rebuilds the same rows and schema, and keeps what belongs to others" {
    ready
    local before after
    rows() { sql "SELECT * FROM event_logs ORDER BY id; SELECT * FROM users_distributed ORDER BY id;
                  SELECT * FROM orders_by_region ORDER BY id; SELECT * FROM sales_data ORDER BY id;
                  SELECT relname, relkind, obj_description(oid, 'pg_class') FROM pg_class
                  WHERE relnamespace = 'public'::regnamespace AND relname <> 'mine' ORDER BY 1"; }
    before=$(rows)
    sql "CREATE TABLE mine AS SELECT 7 AS seven; DELETE FROM users_distributed"
    run_partdemo run setup --reset --yes
    exited 0
    setup_is_whole
    is 7 "TABLE mine"
    after=$(rows)
    diff <(echo "$before") <(echo "$after")
}

@test "--reset drops no table of the same name that is somebody else's" {
    fresh_db "t$BATS_TEST_NUMBER"
    sql "CREATE TABLE sales_data (id int, price numeric); INSERT INTO sales_data VALUES (1, 2);
         CREATE TABLE \"Kept\" (x int)"
    run_partdemo run setup
    exited 1
    run_partdemo run setup --reset --yes
    exited 1
    has "$stderr" "not made by the demo, so not dropped: sales_data" "a database of its own"
    is "1|2" "TABLE sales_data"
    partdemo run setup -q -d "host=$PGHOST dbname=$PGDATABASE options=-csearch_path=own" && return 1
    sql "CREATE SCHEMA own"
    partdemo run setup -q -d "host=$PGHOST dbname=$PGDATABASE options=-csearch_path=own"
    is "1|2" "TABLE public.sales_data"
    is 300 "SELECT count(*) FROM own.sales_data"
}

@test "--reset with a view of somebody else on a table drops nothing" {
    ready
    sql "CREATE VIEW theirs AS SELECT * FROM event_logs_old"
    local before
    before=$(fingerprint)
    run_partdemo run setup --reset --yes
    exited 1
    has "$stderr" "2BP01" "theirs"
    diff <(echo "$before") <(fingerprint)
}

@test "--rows 5000 adds exactly 5000 rows in the seed's proportions, and all of them migrate" {
    fresh_db "t$BATS_TEST_NUMBER"
    run_partdemo run setup --rows 5000 --seed 7
    exited 0
    setup_is_whole
    # 5000 * 400, 150, 250, 300 of 1100, rounded down; event_logs has the rest.
    [[ $(table_counts) == "2220 831 1386 1663" ]]
    is 6100 "SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
        + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)"
    is 831 "SELECT count(DISTINCT username) FROM users_distributed"
    is 0 "SELECT count(*) FROM sales_data WHERE total_amount IS DISTINCT FROM quantity * unit_price"
    is 0 "SELECT count(*) FROM pg_partition_tree('event_logs') AS t, LATERAL (
          SELECT (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || t.relid, false, true, '')))[1]::text::int AS n
          ) AS x WHERE t.isleaf AND n = 0"
    is 2221 "INSERT INTO event_logs (event_type, user_id) VALUES ('next', 1) RETURNING id"
}

@test "the same --seed gives the same rows, another seed others, and both stay unique" {
    local db
    digest() { sql "SELECT md5(string_agg(l, '' ORDER BY l)) FROM (SELECT e::text FROM event_logs AS e UNION ALL
        SELECT u::text FROM users_distributed AS u UNION ALL SELECT o::text FROM orders_by_region AS o
        UNION ALL SELECT s::text FROM sales_data AS s) AS x (l)"; }
    local digests=()
    for db in a:7 b:7 c:8; do
        fresh_db "t${BATS_TEST_NUMBER}_${db%:*}"
        partdemo run setup -q --rows 2000 --seed "${db#*:}"
        digests+=("$(digest)")
    done
    [[ ${digests[0]} == "${digests[1]}" ]]
    [[ ${digests[0]} != "${digests[2]}" ]]
}

@test "--dry-run changes nothing and prints each statement with its lock" {
    fresh_db "t$BATS_TEST_NUMBER"
    local before expected
    before=$(fingerprint)
    run_partdemo run setup --dry-run
    exited 0
    [[ -z $stderr ]]
    diff <(echo "$before") <(fingerprint)
    expected=$(statements_of 00_setup_base_tables.sql 00_initial_seed_data.sql 01_range_partitions.sql \
        02_hash_partitions.sql 03_list_partitions.sql 04_composite_partitions.sql)
    [[ $(grep -c '^    lock: ' <<<"$output") == "$expected" ]]
    has "$output" "LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE;" \
        "lock: ACCESS EXCLUSIVE on event_logs and any partitions (blocks readers and writers)" \
        "INSERT INTO event_logs_partitioned" "CREATE TABLE sales_2024_q2_other"
    run ! grep -q 'DROP TABLE' <<<"$output"
    run_partdemo run setup --reset --dry-run
    exited 0
    has "$output" "DROP TABLE IF EXISTS"
    diff <(echo "$before") <(fingerprint)
}

@test "--dry-run on the finished tables changes nothing either, and asks nothing" {
    ready
    local before
    before=$(fingerprint)
    run_partdemo run setup --reset --rows 10 --dry-run
    exited 0
    diff <(echo "$before") <(fingerprint)
}

@test "JSON: one document with the documented fields, and its numbers are the database's" {
    fresh_db "t$BATS_TEST_NUMBER"
    run_partdemo run setup --format json --rows 100
    exited 0
    node_check "$TREE_CHECK"'
        assert.equal(d.schema_version, 1);
        assert.equal(d.scenario, "setup");
        assert.equal(d.outcome, "done");
        assert.equal(d.impact, null);
        assert.equal(d.steps.length, 10);
        for (const s of d.steps) {
            assert.equal(typeof s.say, "string");
            assert.ok(s.ms >= 0 && Number.isInteger(s.rows), JSON.stringify(s));
        }
        assert.deepEqual(d.steps.filter(s => s.file).map(s => s.file), ["00_setup_base_tables.sql",
            "00_initial_seed_data.sql", "01_range_partitions.sql", "02_hash_partitions.sql",
            "03_list_partitions.sql", "04_composite_partitions.sql"]);
        assert.ok(d.checks.length >= 16);
        for (const c of d.checks) assert.ok(c.ok === true && typeof c.name === "string");
        assert.deepEqual(d.before, []);
        assert.equal(d.after.length, 8);
        d.after.forEach(t => node(t, true));
        const t = Object.fromEntries(d.after.map(t => [t.table, t]));
        assert.equal(t.event_logs.strategy, "range");
        assert.match(t.event_logs.key, /created_at/);
        assert.equal(t.users_distributed.strategy, "hash");
        assert.equal(t.sales_data.partitions.length, 2);
        assert.equal(t.sales_data.partitions[0].partitions.length, 3);
        assert.deepEqual(t.event_logs_old.partitions ?? [], []);'
    [[ $(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).after.filter(t => t.strategy)
        .map(t => t.rows).join(" ")' "$BATS_TEST_TMPDIR/stdout") == "$(table_counts)" ]]
    has "$stderr" "setup: done in"
}

@test "JSON: already done, and failed, are documents too" {
    ready
    run_partdemo run setup --format json
    exited 0
    node_check "$TREE_CHECK"'
        assert.equal(d.outcome, "already");
        assert.deepEqual(d.steps, []);
        assert.equal(d.before.length, 8);
        assert.deepEqual(d.before, d.after);
        d.before.forEach(t => node(t, true));'
    fresh_db "t${BATS_TEST_NUMBER}_failed"
    sql "CREATE TABLE sales_data (mine int)"
    run_partdemo run setup --format json
    exited 1
    node_check '
        assert.equal(d.outcome, "failed");
        assert.equal(d.steps.length, 1);
        assert.match(d.error, /42P07/);'
    has "$stderr" "error:" "42P07"
}

@test "results are on stdout, nothing is on stderr; -q prints the result alone, -v the SQL" {
    fresh_db "t$BATS_TEST_NUMBER"
    run_partdemo run setup
    exited 0
    [[ -z $stderr ]]
    has "${output%%$'\n'*}" "target: postgres@$PGHOST:5432/t$BATS_TEST_NUMBER" "environment"
    has "$output" "Copy the rows" "400 rows" "setup: done in"
    run ! grep -q $'\e' <<<"$output"
    run_partdemo run setup --reset --yes -q
    exited 0
    [[ -z $stderr && $output == "setup: done in "* && $output != *$'\n'* ]]
    run_partdemo run setup --reset --yes -v
    exited 0
    has "$output" "LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE"
}

@test "a full disk and a closed pipe under stdout are no success" {
    ready
    status=0
    partdemo run setup >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
    [[ $status == 1 ]]
    has "$(<"$BATS_TEST_TMPDIR/stderr")" "cannot write the output"
}

@test "a role that only owns its database can do it, and owns everything it made" {
    sql -d postgres "CREATE ROLE plain_owner LOGIN NOSUPERUSER NOCREATEDB"
    sql -d postgres "CREATE DATABASE t$BATS_TEST_NUMBER OWNER plain_owner TEMPLATE template0"
    export PGDATABASE=t$BATS_TEST_NUMBER PGUSER=plain_owner
    run_partdemo run setup --rows 500
    exited 0
    setup_is_whole
    is 0 "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace
          AND relowner <> 'plain_owner'::regrole"
    run_partdemo run setup -q
    [[ $output == *"already done"* ]]
    run_partdemo run setup -q --reset --yes
    exited 0
    setup_is_whole
}

@test "an odd search_path: all of it goes to the first schema, a second run finds it" {
    fresh_db "t$BATS_TEST_NUMBER"
    sql 'CREATE SCHEMA "Odd ""one"", yes"; CREATE SCHEMA pg; '
    sql "ALTER DATABASE \"$PGDATABASE\" SET search_path = 'Odd \"one\", yes', missing, public"
    run_partdemo run setup
    exited 0
    setup_is_whole
    is 0 "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    refused 23505 "INSERT INTO users_distributed (username, email)
        SELECT username, 'x' FROM users_distributed_p1 LIMIT 1"
    local before
    before=$(fingerprint)
    run_partdemo run setup -q
    exited 0
    has "$output" "already done"
    diff <(echo "$before") <(fingerprint)
    run_partdemo run setup -q --reset --yes
    exited 0
    setup_is_whole
}

@test "no schema to create in: one message, exit 1, nothing made" {
    fresh_db "t$BATS_TEST_NUMBER"
    sql "ALTER DATABASE \"$PGDATABASE\" SET search_path = missing"
    local before
    before=$(fingerprint)
    run_partdemo run setup
    exited 1
    has "$stderr" "3F000" "00_setup_base_tables.sql:"
    diff <(echo "$before") <(fingerprint)
}

@test "a foreign table named event_logs of another shape: refused, nothing is touched" {
    fresh_db "t$BATS_TEST_NUMBER"
    sql "CREATE TABLE event_logs (id int PRIMARY KEY, note text); INSERT INTO event_logs VALUES (1, 'mine')"
    local before
    before=$(fingerprint)
    run_partdemo run setup
    exited 1
    has "$stderr" "event_logs" "already exists" "42P07"
    diff <(echo "$before") <(fingerprint)
}

@test "foreign tables of the right shape are not lost: their rows migrate" {
    fresh_db "t$BATS_TEST_NUMBER"
    psql -Xqv ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/00_setup_base_tables.sql"
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('mine', 1, '2024-02-29');
         INSERT INTO users_distributed (username, email) VALUES ('me', 'me@example.com');
         INSERT INTO orders_by_region (order_number, user_id, product_id, region, order_total)
         VALUES ('mine', 1, 1, 'XX', 1);
         INSERT INTO sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount)
         VALUES ('2024-01-01', 'odd', 1, 1, 1, 1)"
    run_partdemo run setup
    exited 0
    setup_is_whole
    [[ $(table_counts) == "1 1 1 1" ]]
    is mine "SELECT event_type FROM event_logs_2024_02"
}

@test "a row that no partition takes stops it: exit 1, the step is gone, the row is there" {
    fresh_db "t$BATS_TEST_NUMBER"
    partdemo run setup -q --dry-run >/dev/null
    psql -Xqv ON_ERROR_STOP=1 -1 -f "$PARTDEMO_SOURCE/sql/00_setup_base_tables.sql" \
        -f "$PARTDEMO_SOURCE/sql/00_initial_seed_data.sql"
    sql "INSERT INTO sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount)
         VALUES ('2025-01-01', 'odd', 1, 1, 1, 1)"
    run_partdemo run setup
    exited 1
    has "$stderr" "23514" "04_composite_partitions.sql:" "no partition of relation"
    is r "SELECT relkind FROM pg_class WHERE oid = 'sales_data'::regclass"
    is 301 "SELECT count(*) FROM sales_data"
    sql "DELETE FROM sales_data WHERE sale_date = '2025-01-01'"
    run_partdemo run setup
    exited 0
    setup_is_whole
}
