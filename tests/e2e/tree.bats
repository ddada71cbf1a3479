#!/usr/bin/env bats
# partdemo tree and partdemo stats: what they say of tables, judged by psql.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off" "max_prepared_transactions = 2"
    fresh_db trees
    sql "CREATE TABLE events (id int, at timestamp, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE march PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
         CREATE TABLE zz_january PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE a_default PARTITION OF events DEFAULT;
         CREATE TABLE february PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')
           PARTITION BY HASH (id);
         CREATE TABLE february_1 PARTITION OF february FOR VALUES WITH (modulus 2, remainder 1);
         CREATE TABLE february_0 PARTITION OF february FOR VALUES WITH (modulus 2, remainder 0);
         INSERT INTO events SELECT i, '2024-01-01'::timestamp + i * interval '1 day' FROM generate_series(0, 99) AS i;
         CREATE TABLE plain (id int PRIMARY KEY); INSERT INTO plain SELECT generate_series(1, 7);
         CREATE TABLE child () INHERITS (plain); INSERT INTO child VALUES (8);
         CREATE VIEW a_view AS SELECT 1; CREATE SEQUENCE a_sequence;
         CREATE ROLE reader LOGIN; GRANT SELECT ON events TO reader;
         CREATE SCHEMA closed; CREATE TABLE closed.t (id int);"
}

teardown_file() { pg_stop; }

# json EXPRESSION: of the document d on stdout.
json() {
    node -p "const d = JSON.parse(require('fs').readFileSync('$BATS_TEST_TMPDIR/stdout', 'utf8')); $1"
}

# tree_json ARG...: partdemo tree, its output checked to be JSON.
tree_json() {
    run_partdemo tree --format json "$@"
    exited 0 && json 'd.schema_version' >/dev/null
}

# refuses CODE PART... -- ARG...: partdemo tree fails with that exit code and says these parts.
refuses() {
    local code=$1 parts=()
    shift
    while [[ $1 != -- ]]; do
        parts+=("$1")
        shift
    done
    run_partdemo tree "${@:2}"
    exited "$code" && has "$stderr" "${parts[@]}" && [[ -z $output ]]
}

# names: every node with its depth, in order.
NAMES='(function f(n, l) { return n.partitions ? n.partitions.map(p => l + p.name + " " + f(p, l + ">")).join("") : "" })(d, "")'

@test "partitions at any depth, in the order of their bounds, with the rows that psql counts" {
    tree_json events
    [[ $(json "$NAMES") == "zz_january february >february_0 >february_1 march a_default " ]]
    [[ $(json '[d.table, d.strategy, d.key, d.rows, d.rows_estimated].join()') == events,range,at,100,false ]]
    local leaf
    for leaf in zz_january march a_default; do
        [[ $(json "d.partitions.find(p => p.name == '$leaf').rows") == "$(sql "SELECT count(*) FROM $leaf")" ]]
        [[ $(json "d.partitions.find(p => p.name == '$leaf').bytes") == \
            "$(sql "SELECT pg_total_relation_size('$leaf')")" ]]
        [[ $(json "d.partitions.find(p => p.name == '$leaf').bound") == \
            "$(sql "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = '$leaf'")" ]]
    done
    [[ $(json 'd.partitions[1].partitions.map(p => p.rows).join()') == \
        "$(sql "SELECT (SELECT count(*) FROM february_0) || ',' || (SELECT count(*) FROM february_1)")" ]]
    [[ $(json 'd.partitions[1].leaf + d.partitions[1].strategy + d.partitions[0].leaf') == falsehashtrue ]]
}

@test "the text is the same tree, at any width, with whole bounds" {
    local width
    for width in 80 140; do
        COLUMNS=$width run_partdemo tree events
        exited 0
        has "$output" "range (at), 5 leaves" "'2024-03-01' to '2024-04-01'" "DEFAULT" "modulus 2, remainder 1"
        [[ $(wc -L <<<"$output") -le $width ]]
        [[ $(wc -l <<<"$output") == 8 ]]
    done
    [[ $output == *HEAP* ]]
}

@test "bounds are ordered by the key's type, operator class and collation, not as text" {
    sql "CREATE TABLE numbers (n numeric) PARTITION BY RANGE (n);
         CREATE TABLE n_a PARTITION OF numbers FOR VALUES FROM (10) TO (MAXVALUE);
         CREATE TABLE n_b PARTITION OF numbers FOR VALUES FROM (-5.5) TO (9);
         CREATE TABLE n_c PARTITION OF numbers FOR VALUES FROM (MINVALUE) TO (-5.5);
         CREATE TABLE n_d PARTITION OF numbers FOR VALUES FROM (9) TO (10);
         CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');
         CREATE TABLE moods (m mood, b boolean) PARTITION BY LIST (m);
         CREATE TABLE m_a PARTITION OF moods FOR VALUES IN ('happy');
         CREATE TABLE m_b PARTITION OF moods FOR VALUES IN (NULL, 'fine');
         CREATE TABLE m_c PARTITION OF moods FOR VALUES IN ('sad');
         CREATE TABLE pairs (c char(3), i bigint) PARTITION BY RANGE (c, i);
         CREATE TABLE p_a PARTITION OF pairs FOR VALUES FROM ('b', MINVALUE) TO ('b', 5);
         CREATE TABLE p_b PARTITION OF pairs FOR VALUES FROM ('b', 10) TO ('b', MAXVALUE);
         CREATE TABLE p_c PARTITION OF pairs FOR VALUES FROM ('a', 1) TO ('b', MINVALUE);
         CREATE TABLE exprs (t text) PARTITION BY RANGE (length(t), lower(t));
         CREATE TABLE e_a PARTITION OF exprs FOR VALUES FROM (10, 'it''s') TO (100, 'a(b),c');
         CREATE TABLE e_b PARTITION OF exprs FOR VALUES FROM (9, E'x\\\\y') TO (10, 'it''s');
         CREATE TABLE hashed (i int) PARTITION BY HASH (i);
         CREATE TABLE h_a PARTITION OF hashed FOR VALUES WITH (modulus 10, remainder 9);
         CREATE TABLE h_b PARTITION OF hashed FOR VALUES WITH (modulus 5, remainder 1);"
    tree_json numbers moods pairs exprs hashed
    [[ $(json 'd.tables.map(t => t.partitions.map(p => p.name).join(" ")).join("; ")') == \
        "n_c n_b n_d n_a; m_c m_b m_a; p_c p_a p_b; e_b e_a; h_b h_a" ]]
}

@test "keys that are expressions of a type with a class for many types: their own order, gaps by it" {
    sql "CREATE TABLE arrays (a int, b int) PARTITION BY RANGE (a, (ARRAY[a, b]));
         CREATE TABLE arrays_1 PARTITION OF arrays FOR VALUES FROM (1, '{2}') TO (1, '{10}');
         CREATE TABLE arrays_2 PARTITION OF arrays FOR VALUES FROM (1, '{1}') TO (1, '{2}');
         CREATE TABLE arrays_3 PARTITION OF arrays FOR VALUES FROM (1, '{11}') TO (1, MAXVALUE);
         CREATE TABLE ranges (a int, b int) PARTITION BY LIST ((int4range(a, b)));
         CREATE TABLE ranges_1 PARTITION OF ranges FOR VALUES IN ('[10,11)');
         CREATE TABLE ranges_2 PARTITION OF ranges FOR VALUES IN ('[2,3)')"
    tree_json arrays ranges
    [[ $(json 'd.tables.map(t => t.partitions.map(p => p.name).join(" ")).join("; ")') == \
        "arrays_2 arrays_1 arrays_3; ranges_2 ranges_1" ]]
    run_partdemo stats --format json arrays
    exited 0
    [[ $(json 'd.findings.filter(f => f.kind == "coverage").map(f => f.text).join()') == \
        "arrays: no partition for a, (ARRAY[a, b]) from (1, '{10}') to (1, '{11}')" ]]
}

@test "--estimate: what the last ANALYZE saw, ? before the first one" {
    sql "CREATE TABLE est (i int) PARTITION BY LIST (i);
         CREATE TABLE est_1 PARTITION OF est FOR VALUES IN (1);
         CREATE TABLE est_2 PARTITION OF est FOR VALUES IN (2);
         INSERT INTO est SELECT 1 FROM generate_series(1, 1234); ANALYZE est_1; INSERT INTO est VALUES (1), (2)"
    tree_json --estimate est
    [[ $(json '[d.rows_estimated, d.rows, d.rows_unknown, d.partitions[0].rows, d.partitions[1].rows].join()') == \
        true,1234,1,1234, ]]
    run_partdemo tree --estimate est
    has "$output" "~1,234 + ?" "~1,234" "?" "~48 kB"
    has "$stderr" "rows and sizes at the last ANALYZE"
    sql "CREATE TABLE wide_rows (t text); ALTER TABLE wide_rows ALTER t SET STORAGE EXTERNAL; CREATE INDEX ON wide_rows (length(t));
         INSERT INTO wide_rows SELECT repeat('x', 10000) FROM generate_series(1, 50)"
    sql "VACUUM ANALYZE wide_rows"
    tree_json --estimate wide_rows
    is "$(json '[d.bytes_estimated, d.heap_bytes - d.heap_bytes % 32768, d.bytes - d.heap_bytes].join()')" \
        "SELECT 'true,' || n - n % 32768 || ',' || pg_indexes_size('wide_rows') FROM (SELECT pg_relation_size('wide_rows')
         + pg_relation_size(reltoastrelid) AS n FROM pg_class WHERE oid = 'wide_rows'::regclass) AS s"
    tree_json est
    [[ $(json '[d.rows, d.partitions[0].rows, d.partitions[1].rows].join()') == 1236,1235,1 ]]
}

@test "a detach that is pending: its rows are counted apart" {
    sql "CREATE TABLE pend (i int) PARTITION BY RANGE (i);
         CREATE TABLE pend_1 PARTITION OF pend FOR VALUES FROM (0) TO (10);
         CREATE TABLE pend_2 PARTITION OF pend FOR VALUES FROM (10) TO (20);
         CREATE TABLE pend_3 PARTITION OF pend FOR VALUES FROM (20) TO (30);
         INSERT INTO pend SELECT generate_series(0, 24)"
    psql -XAtq >/dev/null 2>&1 <<'SQL' &
BEGIN; SELECT count(*) FROM pend; SELECT pg_sleep(60);
SQL
    local holder=$!
    wait_for sql_true "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query ~ 'pg_sleep\(60\)' AND pid <> pg_backend_pid())"
    PGOPTIONS='-c statement_timeout=500ms' psql -XAtq -c "ALTER TABLE pend DETACH PARTITION pend_2 CONCURRENTLY" 2>&1 || true
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep\(60\)' AND pid <> pg_backend_pid()" >/dev/null
    wait "$holder" || true
    is t "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'pend_2'::regclass"
    tree_json pend
    [[ $(json '[d.rows, d.rows_pending].join()') == "$(sql 'SELECT count(*) FROM pend'),10" ]]
    [[ $(json 'd.partitions.map(p => p.name + p.rows + p.detach_pending).join()') == \
        pend_110false,pend_35false,pend_210true ]]
    run_partdemo tree pend
    has "$output" "DETACH PENDING" "pend_2: its detach is pending; 10 rows in it are not seen through pend"
    run_partdemo stats pend
    has "$output" "pend_2 (DETACH PENDING)" "15 rows; 10 rows more in partitions whose detach is pending" \
        "pend: no partition for i from (10) to (20)"
    tree_json pend_2
    [[ $(json '[d.rows, d.detach_pending, d.partition_of].join()') == 10,true,pend ]]
}

@test "an index that is not valid is named" {
    sql "CREATE TABLE inv (i int) PARTITION BY RANGE (i);
         CREATE TABLE inv_1 PARTITION OF inv FOR VALUES FROM (0) TO (10);
         CREATE INDEX inv_i ON ONLY inv (i)"
    tree_json inv
    [[ $(json '[d.indexes, d.invalid_indexes, d.partitions[0].indexes].join()') == 1,inv_i,0 ]]
    run_partdemo tree inv
    has "$output" "1, 1 invalid" "inv: its index inv_i is not valid"
    run_partdemo stats inv
    has "$output" "! inv: its index inv_i is not valid"
}

@test "a foreign partition is a leaf, and is told from others" {
    sql "CREATE EXTENSION IF NOT EXISTS file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
         CREATE TABLE fo (i int) PARTITION BY RANGE (i);
         CREATE TABLE fo_1 PARTITION OF fo FOR VALUES FROM (10) TO (20); INSERT INTO fo VALUES (11);
         CREATE FOREIGN TABLE fo_0 PARTITION OF fo FOR VALUES FROM (0) TO (10) SERVER files
           OPTIONS (program 'seq 1 3')"
    tree_json fo
    [[ $(json 'd.rows + d.partitions.map(p => p.name + p.foreign + p.rows).join()') == 4fo_0true3,fo_1false1 ]]
    run_partdemo tree fo
    has "$output" "foreign table"
}

@test "a leaf and a sub-partitioned partition: their own subtree, and whose they are" {
    run_partdemo tree february_1 february
    exited 0
    has "$output" "partition of february: modulus 2, remainder 1" \
        "partition of events: '2024-02-01' to '2024-03-01', hash (id), 2 leaves"
    tree_json february
    [[ $(json '[d.table, d.partition_of, d.rows].join()') == "february,events,$(sql 'SELECT count(*) FROM february')" ]]
}

@test "a plain table gets its own answer; tables that inherit are no leaves" {
    run_partdemo tree plain
    exited 0
    has "$output" "not partitioned, 1 inheritance child, no partition"
    tree_json plain
    [[ $(json '[d.table, d.rows, d.partitions.length, d.bytes].join()') == \
        "plain,7,0,$(sql "SELECT pg_total_relation_size('plain')")" ]]
    run_partdemo stats plain
    exited 0
    has "$output" "plain: not partitioned" "7 rows"
}

@test "a role that may read the table only: the same rows, also of a leaf; no rows without the right" {
    tree_json -U reader events
    [[ $(json 'd.rows + d.partitions.map(p => "," + p.rows).join("")') == \
        "$(sql "SELECT (SELECT count(*) FROM events) || ',' || (SELECT count(*) FROM zz_january) || ',' ||
            (SELECT count(*) FROM february) || ',' || (SELECT count(*) FROM march) || ',' ||
            (SELECT count(*) FROM a_default)")" ]]
    tree_json -U reader february_1
    [[ $(json d.rows) == "$(sql 'SELECT count(*) FROM february_1')" ]]
    refuses 1 "permission denied" "plain" "--estimate" -- -U reader plain
    refuses 1 "permission denied for schema closed" -- -U reader closed.t
    tree_json -U reader --estimate plain
}

@test "bad names: no such table, not a table, not a name" {
    refuses 1 "there is no table evnts" "Did you mean events?" -- evnts
    refuses 1 "there is no table nowhere.at_all" -- nowhere.at_all
    local name
    for name in $(grep -o '"[a-z_]*"' "$PARTDEMO_SOURCE/scenarios/lib/demo.lua" | tr -d '"'); do
        refuses 1 "there is no table $name" "HINT:  'partdemo run setup' makes the demo's tables." -- "$name"
    done
    [[ $name == sales_data ]]
    for name in event_logs public.event_logs; do
        run_partdemo run online/split --table "$name" --partition event_logs_2024_02 --at 2024-02-08
        exited 4
        has "$stderr" "there is no table $name" "'partdemo run setup' makes the demo's tables."
    done
    run_partdemo run online/split --table evnts --partition x --at 1
    has "$stderr" "there is no table evnts" "Did you mean events?"
    refuses 1 "a_view is a view, not a table" -- a_view
    refuses 1 "a_sequence is a sequence, not a table" -- a_sequence
    refuses 1 "plain_pkey is an index, not a table" "the table plain" -- plain_pkey
    refuses 1 "events_pkey is an index, not a table" "the table events" -- events_pkey
    refuses 2 "not the name of a table: a.b.c.d" "too many dotted names" -- a.b.c.d
    refuses 2 "not the name of a table: a.b.c" -- a.b.c
    refuses 2 "not the name of a table: Odd Name" -- "Odd Name"
    refuses 2 "not the name of a table: " -- ""
    refuses 2 'not the name of a table: x\x0ay z' -- $'x\ny z'
    refuses 2 "tree needs the name of a table" --
    refuses 1 "there is no table nope" -- events nope
}

@test "odd names: quotes, blanks, newlines, upper case, 63 bytes, wide signs" {
    local long
    long=$(printf 'x%.0s' {1..63})
    psql -XAtq -v ON_ERROR_STOP=1 -v red=$'\e[31mred' -v line=$'new\nline' -v long="$long" <<'SQL'
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Odd ""Name" (i int) PARTITION BY LIST (i);
CREATE TABLE "My Schema".:"line" PARTITION OF "My Schema"."Odd ""Name" FOR VALUES IN (1);
CREATE TABLE "My Schema"."分区表" PARTITION OF "My Schema"."Odd ""Name" FOR VALUES IN (2);
CREATE TABLE "My Schema".:"red" PARTITION OF "My Schema"."Odd ""Name" DEFAULT;
CREATE TABLE :"long" (i int);
SQL
    run_partdemo tree '"My Schema"."Odd ""Name"'
    exited 0
    [[ $(wc -l <<<"$output") == 5 && $output == *'new\x0aline'* && $output == *'\x1b[31mred'* ]]
    LC_ALL=C.UTF-8 run_partdemo tree '"My Schema"."Odd ""Name"'
    has "$output" "分区表" "└─"
    # a wide sign counts as two: the column after the name begins where the others do
    [[ $(grep -E 'new|分区表' <<<"$output" | sed 's/分区表/123456/; s/  [12] .*//' | awk '{ print length }' | sort -u | wc -l) == 1 ]]
    LC_ALL=C run_partdemo tree '"My Schema"."Odd ""Name"'
    has "$output" '\xe5\x88\x86' '`-'
    LC_ALL=C run_partdemo stats '"My Schema"."Odd ""Name"'
    exited 0
    [[ $output != *$'\e'* ]]
    tree_json '"My Schema"."Odd ""Name"'
    [[ $(json 'd.partitions[0].name') == $'"My Schema"."new\nline"' ]]
    tree_json "$long"
    [[ $(json d.table) == "$long" ]]
    tree_json EVENTS
    refuses 1 'there is no table "Events"' "Did you mean events?" -- '"Events"'
}

@test "the width is the terminal's" {
    run script -qec "stty cols 70; $PARTDEMO tree events 2>&1" /dev/null </dev/null
    [[ $status == 0 && $output == *zz_january* ]]
    local line
    for line in "${lines[@]}"; do
        line=${line##*$'\e[K'} # behind the progress line
        ((${#line} <= 71))
    done
}

@test "a partition that is dropped while its table is read" {
    sql "CREATE TABLE gone (i int) PARTITION BY LIST (i);
         CREATE TABLE gone_1 PARTITION OF gone FOR VALUES IN (1);
         CREATE TABLE gone_2 PARTITION OF gone FOR VALUES IN (2); INSERT INTO gone VALUES (1), (1), (2)"
    mkfifo "$BATS_TEST_TMPDIR/dropper"
    psql -XAtq <"$BATS_TEST_TMPDIR/dropper" >/dev/null 2>&1 &
    local dropper=$!
    exec 9>"$BATS_TEST_TMPDIR/dropper"
    echo "BEGIN; DROP TABLE gone_2;" >&9
    wait_for sql_true "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'gone_2'::regclass AND mode = 'AccessExclusiveLock')"
    start_partdemo tree --format json gone
    wait_for sql_true "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    echo "COMMIT;" >&9
    exec 9>&-
    end_partdemo
    wait "$dropper"
    exited 0
    [[ $(json '[d.rows, d.partitions[0].name, d.partitions[0].rows].join()') == 2,gone_1,2 ]]
}

@test "stats: shares, skew, sizes and what needs attention, judged by psql" {
    run_partdemo stats --format json events
    exited 0
    [[ $(json '[d.rows, d.leaves, d.default_rows, d.bytes].join()') == \
        "$(sql "SELECT concat_ws(',', (SELECT count(*) FROM events), 5, (SELECT count(*) FROM a_default),
            (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('events') WHERE isleaf))")" ]]
    [[ $(json 'd.partitions.map(p => p.share).reduce((a, b) => a + b).toFixed(6)') == 1.000000 ]]
    [[ $(json 'd.partitions[0].skew.toFixed(3)') == \
        "$(sql "SELECT round((SELECT count(*) FROM zz_january)::numeric * 5 / 100, 3)")" ]]
    run_partdemo stats events
    has "$output" "of the rows (9 rows) are in the default partition a_default" \
        "events was never analyzed as a whole" "5 leaves were never analyzed"
    sql "ANALYZE events; DELETE FROM march WHERE id < 65; SELECT pg_stat_force_next_flush()" >/dev/null
    run_partdemo stats --format json events
    [[ $(json 'd.findings.map(f => f.kind).join()') == default ]]
    wait_for dead_rows
    [[ $(json 'd.partitions[3].modified_since_analyze') == "$(sql "SELECT n_mod_since_analyze FROM pg_stat_user_tables WHERE relname = 'march'")" ]]
}

dead_rows() {
    run_partdemo stats --format json events
    [[ $(json 'd.partitions[3].dead') == 5 && $(sql "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'march'") == 5 ]]
}

@test "stats: a gap is told in PostgreSQL's words, unless a default partition closes it" {
    sql "CREATE TABLE gap (created_at timestamp) PARTITION BY RANGE (created_at);
         CREATE TABLE gap_1 PARTITION OF gap FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');
         CREATE TABLE gap_2 PARTITION OF gap FOR VALUES FROM ('2024-02-15') TO ('2024-02-22')"
    run_partdemo stats gap
    has "$output" "no partition for created_at from ('2024-02-08') to ('2024-02-15')"
    refused 23514 "INSERT INTO gap VALUES ('2024-02-10')"
    sql "CREATE TABLE gap_d PARTITION OF gap DEFAULT"
    run_partdemo stats gap
    [[ $output != *"no partition"* ]]
}

@test "a run shows what became of its tables: + added, - gone, ~ changed, the rest folded" {
    sql "CREATE TABLE run_t (i int) PARTITION BY RANGE (i)"
    local i
    for i in {0..9}; do
        sql "CREATE TABLE run_t_$i PARTITION OF run_t FOR VALUES FROM ($i) TO ($((i + 1)))"
    done
    mkdir "$BATS_TEST_TMPDIR/run"
    cd "$BATS_TEST_TMPDIR/run"
    echo "DROP TABLE run_t_2; INSERT INTO run_t VALUES (1);
          CREATE TABLE run_t_10 PARTITION OF run_t FOR VALUES FROM (10) TO (20);" >s.sql
    echo 'return { summary = "Change", tables = { "run_t", "plain", "a.b.c.d" }, steps = { { sql = "s.sql" } } }' >s.lua
    run_partdemo run ./s.lua
    exited 2
    has "$stderr" "not the name of a table: a.b.c.d"
    sed -i 's/, "a.b.c.d"//' s.lua
    run_partdemo run ./s.lua --color never
    exited 0
    [[ $output =~ '~'\ +run_t\ .*'range (i), 10 leaves'\ +1\ +'+1' ]]
    [[ $output =~ '~'\ .*run_t_1\ +'1 to 2'\ +1\ +'+1' ]]
    [[ $output =~ '-'\ .*run_t_2\ +'2 to 3' ]]
    [[ $output =~ '+'\ .*run_t_10\ +'10 to 20' ]]
    has "$output" "7 leaves unchanged"
    echo "SELECT 1;" >s.sql
    COLUMNS=120 run_partdemo run ./s.lua --color always
    exited 0
    has "$output" "range (i), 10 leaves, unchanged"
    echo "DELETE FROM plain WHERE id = 1; DROP TABLE run_t_5;" >s.sql
    run_partdemo run ./s.lua --color always
    has "$output" $'\e[31m-' $'\e[1;33m~' "range (i), 9 leaves (was 10)" "run_t_5"
}

@test "check.partition compares bounds as values of the key, whatever their form" {
    sql "CREATE TABLE forms (t text) PARTITION BY LIST (t);
         CREATE TABLE f_null PARTITION OF forms FOR VALUES IN (NULL, 'it''s', E'a\\\\b');
         CREATE TABLE f_word PARTITION OF forms FOR VALUES IN ('NULL');
         CREATE TABLE days (d date) PARTITION BY RANGE (d);
         CREATE TABLE d_1 PARTITION OF days FOR VALUES FROM (MINVALUE) TO ('2024-02-01');"
    cd "$BATS_TEST_TMPDIR"
    holds() {
        echo "local check = require 'partdemo.check'
              return { summary = 'One', before = check.partition { $1 }, steps = {} }" >one.lua
        run_partdemo run ./one.lua
        [[ $status == "${2:-0}" ]]
    }
    holds '"f_null", of = "forms", values = { "a\\b", "NULL", "it'"\\'"'s" }'
    holds '"f_null", of = "forms", values = { "NULL", "it'"\\'"'s" }' 4
    holds '"f_word", of = "forms", values = { "NULL" }'
    holds '"d_1", of = "days", to = "1 feb 2024"'
    holds '"d_1", of = "days", to = "2024-02-02"' 4
    holds '"d_1", of = "days", from = "2023-01-01", to = "2024-02-01"' 4
    holds '"d_1", of = "days", values = { "2024-02-01" }' 4
    holds '"d_1", of = "days", default = true' 4
}
