#!/usr/bin/env bats
# partdemo explain: what it says about the leaves, judged by psql: the leaves that rows come from (tableoid),
# the leaves that there are (the catalog), and the rows that are there afterwards.

load ../lib

setup_file() {
    pg_start "autovacuum = off" "jit = off"
    fresh_db lab
    PG_TEST_MAJOR=$(($(sql "SHOW server_version_num") / 10000))
    export PG_TEST_MAJOR
    psql -XAtq -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
CREATE TABLE events (id bigint, at timestamp NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_03 PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE INDEX ON events (at);
INSERT INTO events SELECT g, timestamp '2024-01-01' + g * interval '3 hours', 'k' || g % 5 FROM generate_series(0, 900) AS g;
CREATE TABLE users (id bigint PRIMARY KEY, name text) PARTITION BY HASH (id);
SELECT format('CREATE TABLE users_%s PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER %s)', g, g)
  FROM generate_series(0, 3) AS g \gexec
INSERT INTO users SELECT g, 'u' || g FROM generate_series(1, 200) AS g;
CREATE TABLE orders (id int, region varchar(10), amount numeric) PARTITION BY LIST (region);
CREATE TABLE orders_na PARTITION OF orders FOR VALUES IN ('US', 'CA');
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('UK', 'DE');
CREATE TABLE orders_other PARTITION OF orders DEFAULT;
INSERT INTO orders SELECT g, (array['US', 'CA', 'UK', 'DE', 'JP'])[1 + g % 5], g FROM generate_series(1, 100) AS g;
CREATE TABLE sales (day date, cat text) PARTITION BY RANGE (day);
CREATE TABLE sales_q1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-04-01') PARTITION BY LIST (cat);
CREATE TABLE sales_q1_a PARTITION OF sales_q1 FOR VALUES IN ('a');
CREATE TABLE sales_q1_b PARTITION OF sales_q1 DEFAULT;
CREATE TABLE sales_q2 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-07-01') PARTITION BY LIST (cat);
CREATE TABLE sales_q2_a PARTITION OF sales_q2 FOR VALUES IN ('a');
CREATE TABLE sales_q2_b PARTITION OF sales_q2 DEFAULT;
INSERT INTO sales SELECT date '2024-01-01' + g, chr(97 + g % 3) FROM generate_series(0, 180) AS g;
CREATE TABLE t (id int) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30);
INSERT INTO t SELECT generate_series(0, 29);
CREATE TABLE plain (id int PRIMARY KEY, day timestamp);
INSERT INTO plain SELECT g, '2024-02-10' FROM generate_series(1, 5) AS g;
CREATE TABLE pair (a int, b int) PARTITION BY HASH (a, b);
CREATE TABLE pair_0 PARTITION OF pair FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE pair_1 PARTITION OF pair FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE words (word text) PARTITION BY LIST (lower(word));
CREATE TABLE words_a PARTITION OF words FOR VALUES IN ('a');
CREATE TABLE words_b PARTITION OF words FOR VALUES IN ('b');
CREATE TABLE inh (d int);
CREATE TABLE inh_a (CHECK (d < 10)) INHERITS (inh);
CREATE TABLE inh_b (CHECK (d >= 10)) INHERITS (inh);
INSERT INTO inh_a VALUES (1);
CREATE SCHEMA "Odd S";
CREATE TABLE "Odd S"."my ""tab
le" (id int) PARTITION BY LIST (id);
CREATE TABLE "Odd S"."leaf	one" PARTITION OF "Odd S"."my ""tab
le" FOR VALUES IN (1);
CREATE TABLE "Odd S"."n12345678901234567890123456789012345678901234567890123456789012" PARTITION OF "Odd S"."my ""tab
le" FOR VALUES IN (2);
INSERT INTO "Odd S"."my ""tab
le" VALUES (1), (2);
CREATE ROLE reader LOGIN;
GRANT SELECT ON orders TO reader;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY us ON orders TO reader USING (region = 'US');
ANALYZE;
SQL
}
teardown_file() { pg_stop; }

setup() {
    export LC_ALL=C COLUMNS=80
    cd "$BATS_TEST_TMPDIR" || return
}

# json ARG...: the document of partdemo explain, for value() and for table().
json() {
    run_partdemo explain --format json "$@"
    exited 0
}

# value EXPRESSION: of the document d; t(name) is the table of that name, or its n-th one.
value() {
    node -p 'const d = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
        const t = (name, n = 0) => d.tables.filter(each => each.table === name)[n];
        eval(process.argv[2])' "$BATS_TEST_TMPDIR/stdout" "$1"
}

# row NAME [N]: "leaves: scanned names | plan startup runtime not_executed | empty names", N from 0.
row() {
    value "const x = t('$1', ${2:-0}); x.leaves + ': ' + [x.scanned.join(' '), [x.pruned.plan, x.pruned.startup,
        x.pruned.runtime, x.not_executed].join(' '), x.empty.join(' ')].join(' | ')"
}

# explained TABLE ROW SQL [OPTION...]: the row of the table; and it adds up.
explained() {
    json "${@:4}" "$3" || return
    local got
    got=$(row "$1")
    [[ $got == "$2" ]] || {
        printf 'for:      %s\nexpected: %s\ngot:      %s\n' "$3" "$2" "$got" >&2
        return 1
    }
    [[ $(value 'd.tables.every(x => x.scanned.length + x.pruned.plan + x.pruned.startup + x.pruned.runtime +
        x.not_executed === x.leaves)') == true ]]
}

# judged TABLE CONDITION: the leaves with rows are those that psql finds by tableoid, no leaf is both scanned
# and pruned, and there are as many as the catalog has.
judged() {
    json "SELECT * FROM $1 WHERE $2" || return
    is "$(value "t('$1').scanned.filter(x => !t('$1').empty.includes(x)).sort().join('\n')")" \
        "SELECT DISTINCT tableoid::regclass::text COLLATE \"C\" FROM $1 WHERE $2 ORDER BY 1" || return
    is "$(value "t('$1').leaves")" "SELECT count(*) FROM pg_partition_tree('$1') WHERE isleaf"
}

@test "the leaves with rows are those that psql finds" {
    judged events "at >= '2024-02-14' AND at < '2024-02-16'"
    judged events "at < (SELECT max(day) FROM plain)"
    judged events "date_trunc('month', at) = '2024-02-01'"
    judged events "at > now() OR id < 5"
    judged events "at IN ('2024-01-01', '2024-03-01')"
    judged events "false"
    judged users "id = 7"
    judged users "id = ANY (ARRAY(SELECT id FROM plain))"
    judged orders "region = 'US' OR amount < 9"
    judged orders "region <> 'US'"
    judged sales "day < '2024-02-01' AND cat = 'a'"
}

@test "pruned at plan time: absent from the plan" {
    explained events "4: events_02 | 3 0 0 0 | " "SELECT * FROM events WHERE at >= '2024-02-14' AND at < '2024-02-16'"
    explained users "4: users_3 | 3 0 0 0 | " "SELECT * FROM users WHERE id = 7"
    explained orders "3: orders_na orders_other | 1 0 0 0 | " "SELECT * FROM orders WHERE region IN ('US', 'JP')"
    explained sales "4: sales_q1_a | 3 0 0 0 | " "SELECT * FROM sales WHERE day < '2024-02-01' AND cat = 'a'"
    explained sales_q1 "2: sales_q1_b | 1 0 0 0 | " "SELECT * FROM sales_q1 WHERE cat = 'b'"
    [[ $(value 't("sales_q1").reason') == null ]]
}

@test "all pruned: the table is in no plan, and is said to be pruned nevertheless" {
    explained t "3:  | 3 0 0 0 | " "SELECT * FROM t WHERE id > 100"
    explained t "3:  | 3 0 0 0 | " "SELECT * FROM t WHERE false"
    [[ $(value 't("t").reason') == "the condition can never be true" ]]
    explained t "3:  | 3 0 0 0 | " "SELECT * FROM plain LEFT JOIN t ON t.id = plain.id AND t.id > 100"
    explained t "3:  | 3 0 0 0 | " "DELETE FROM t WHERE id IS NULL"
}

@test "pruned at executor startup: stable functions and generic plans" {
    explained events "4: events_default | 0 3 0 0 | events_default" "SELECT * FROM events WHERE at > now()"
    [[ $(value 't("events").reason') == "now() is stable"* ]]
    explained events "4: events_02 | 0 3 0 0 | events_02" "SELECT * FROM events WHERE at = \$1" \
        --generic --param "2024-02-14 01:00"
    [[ $(value 't("events").reason') == "a generic plan"* ]]
    explained events "4: events_02 | 3 0 0 0 | " "SELECT * FROM events WHERE at = \$1" --param 2024-02-14
    explained t "3:  | 0 3 0 0 | " "SELECT * FROM t WHERE id > \$1" --generic --param 100
}

@test "pruned at run time only when nothing else can be why a leaf was not executed" {
    explained events "4: events_01 events_02 events_default | 0 0 1 0 | events_default" \
        "SELECT * FROM events WHERE at < (SELECT max(day) FROM plain)"
    explained events "4: events_01 | 0 0 0 3 | " "SELECT * FROM events LIMIT 3"
    explained events "4: events_01 | 0 0 0 3 | " \
        "SELECT * FROM events WHERE at < (SELECT max(day) FROM plain) LIMIT 3"
    PGOPTIONS="-c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c enable_memoize=off"
    export PGOPTIONS
    explained events "4: events_02 | 0 0 3 0 | " "SELECT * FROM plain JOIN events ON at = day"
    explained t "3:  | 0 0 0 3 | " "SELECT * FROM (SELECT * FROM plain WHERE id > 100 OFFSET 0) AS p JOIN t ON t.id = p.id"
}

@test "a subquery that is run again and again" {
    explained t "3: t_1 t_2 t_3 | 0 0 0 0 | " \
        "SELECT (SELECT count(*) FROM t WHERE t.id = g) FROM generate_series(0, 29) AS g"
    [[ $(value 't("t").reason') == "pruned at run time in each loop: 30 loops scanned 30 leaves, not 90" ]]
}

@test "a table as often as the statement names it" {
    json "SELECT * FROM t AS x JOIN t AS x_1 ON x.id = x_1.id WHERE x.id < 5 AND x_1.id < 15"
    [[ $(row t 0) == "3: t_1 | 2 0 0 0 | " && $(value 't("t").alias') == x ]]
    [[ $(row t 1) == "3: t_1 t_2 | 1 0 0 0 | " && $(value 't("t", 1).alias') == x_1 ]]
    json "SELECT * FROM t WHERE id < 5 UNION ALL SELECT * FROM t WHERE id > 25"
    [[ $(row t 0) == "3: t_1 | 2 0 0 0 | " && $(row t 1) == "3: t_3 | 2 0 0 0 | " ]]
    json "SELECT count(*) FROM t WHERE id < 15 UNION ALL SELECT count(*) FROM t"
    [[ $(row t 0) == "3: t_1 t_2 | 1 0 0 0 | " && $(row t 1) == "3: t_1 t_2 t_3 | 0 0 0 0 | " ]]
    json "SELECT min(at), max(at) FROM events"
    [[ $(value 'd.tables.length') == 1 ]]
}

@test "leaves named by themselves, also beside their table and with names like aliases" {
    json "SELECT * FROM t_1 UNION ALL SELECT * FROM t_2"
    [[ $(value 'd.tables.map(x => [x.table, x.alias, x.leaves, x.scanned].join()).join(" ")') == "t_1,t_1,1,t_1 t_2,t_2,1,t_2" ]]
    json "SELECT * FROM t_2 JOIN t ON t.id = t_2.id WHERE t.id < 15"
    [[ $(row t) == "3: t_1 t_2 | 1 0 0 0 | " && $(row t_2) == "1: t_2 | 0 0 0 0 | " ]]
    json "SELECT * FROM t_2 AS t_1"
    [[ $(value '[d.tables.length, t("t_2").alias, t("t_2").partitioned].join()') == 1,t_1,false ]]
}

@test "plain tables, inheritance, no table at all" {
    explained plain "1: plain | 0 0 0 0 | " "SELECT * FROM plain"
    explained inh "3: inh inh_a | 1 0 0 0 | inh" "SELECT * FROM inh WHERE d < 5"
    explained inh "1: inh | 0 0 0 0 | inh" "SELECT * FROM ONLY inh"
    json "SELECT 1"
    [[ $(value 'd.tables.length') == 0 ]]
}

@test "joins and aggregates by partition, parallel plans, MergeAppend" {
    PGOPTIONS="-c enable_partitionwise_join=on -c enable_partitionwise_aggregate=on" \
        explained sales "4: sales_q1_a sales_q1_b | 2 0 0 0 | " \
        "SELECT day, count(*) FROM sales AS s JOIN sales AS z USING (day, cat) WHERE day < '2024-03-01' GROUP BY day"
    [[ $(row sales 1) == "4: sales_q1_a sales_q1_b | 2 0 0 0 | " && $(value 'd.tables.length') == 2 ]]
    PGOPTIONS="-c parallel_setup_cost=0 -c parallel_tuple_cost=0 -c min_parallel_table_scan_size=0" \
        explained events "4: events_01 events_02 events_default | 0 0 1 0 | events_default" \
        "SELECT count(*) FROM events WHERE at < (SELECT max(day) FROM plain)"
    PGOPTIONS="-c enable_sort=off" explained events "4: events_01 events_02 | 2 0 0 0 | " \
        "SELECT * FROM events WHERE at IN ('2024-01-05', '2024-02-05') ORDER BY at"
}

# because REASON HINT SQL
because() {
    json "$3" || return
    [[ $(value 'd.tables[0].reason') == "$1"* && $(value 'd.tables[0].hint') == "$2" ]] || {
        printf 'for: %s\ngot: %s\n     %s\n' "$3" "$(value 'd.tables[0].reason')" "$(value 'd.tables[0].hint')" >&2
        return 1
    }
}

@test "why nothing was pruned, and a predicate that selects the same rows and prunes" {
    local sql hint
    while IFS='|' read -r sql hint; do
        because "the key is " "write $hint" "SELECT * FROM events WHERE $sql"
        is t "SELECT count(*) = (SELECT count(*) FROM events WHERE $sql) FROM events WHERE $hint"
        json "SELECT * FROM events WHERE $hint"
        [[ $(value 'd.tables[0].pruned.plan > 0') == true ]]
    done <<'END'
date_trunc('month', at) = '2024-02-01'|at >= '2024-02-01' AND at < '2024-03-01'
date_trunc('quarter', at) = '2024-01-01'|at >= '2024-01-01' AND at < '2024-04-01'
at::date = '2024-02-29'|at >= '2024-02-29' AND at < '2024-03-01'
at::date <= '2024-01-31'|at < '2024-02-01'
END
    because "the key is " "write at >= '2024-02-01' AND at < '2024-03-01' (years BC apart)" \
        "SELECT * FROM events WHERE to_char(at, 'YYYY-MM') = '2024-02'"
    because "the key is inside" "write at >= '2024-01-01' AND at < '2025-01-01'" "SELECT * FROM events WHERE extract(year FROM at) = 2024"
    because "the key is cast" "write id = 7" "SELECT * FROM users WHERE id = 7::numeric"
}

@test "why nothing was pruned, without a hint; nothing where it is not certain" {
    because "clock_timestamp() is volatile" null "SELECT * FROM events WHERE at < clock_timestamp()"
    because "no condition on the key (at)" null "SELECT * FROM events"
    because "the key (at) is in no condition" null "SELECT * FROM events WHERE id = 5"
    because "one side of OR says nothing about the key: amount < 5" null "SELECT * FROM orders WHERE region = 'US' OR amount < 5"
    because "hash partitions are chosen by equality only" null "SELECT * FROM users WHERE id > 5"
    because "hash partitions are chosen by all columns of the key: b" null "SELECT * FROM pair WHERE a = 5"
    because "a pattern (LIKE)" null "SELECT * FROM orders WHERE region LIKE 'U%'"
    because "every leaf may have rows that match" null "SELECT * FROM t WHERE id > -1"
    because "id is only compared with another table's column, in a Hash Join" null "SELECT * FROM t JOIN plain USING (id)"
    PGOPTIONS="-c enable_partition_pruning=off" because "enable_partition_pruning is off" \
        "SET enable_partition_pruning = on;" "SELECT * FROM t WHERE id = 1"
    because "the key is inside" null "SELECT * FROM events WHERE at + interval '1 day' > '2000-01-01'"
    sql 'CREATE TABLE odd ("order" int, id int) PARTITION BY RANGE ("order");
         CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (0) TO (9); CREATE INDEX ON odd (id) WHERE "order" > -5;
         CREATE TABLE odd_2 PARTITION OF odd FOR VALUES FROM (9) TO (19)'
    PGOPTIONS="-c enable_seqscan=off" because "every leaf may have rows" null 'SELECT * FROM odd WHERE "order" > -5 AND id = 1'
    because null null "SELECT * FROM t WHERE id < 5 OR id > 15 OR id BETWEEN 3 AND 16"
    because "the key is inside" null "SELECT * FROM events WHERE extract(month FROM at) = 2"
}

@test "why nothing was pruned: a key that is an expression, and subqueries" {
    because "the key is an expression (lower(word)): leaves are not chosen by word alone" null "SELECT * FROM words WHERE word = 'a'"
    because "no condition on the key (lower(word))" null "SELECT * FROM words"
    because "the key is inside an expression: length(lower(word))" null "SELECT * FROM words WHERE length(lower(word)) = 1"
    because "lower(word) IS NOT NULL excludes no leaf" null "SELECT * FROM words WHERE lower(word) IS NOT NULL"
    explained words "2: words_a | 1 0 0 0 | words_a" "SELECT * FROM words WHERE lower(word) = 'a'"
    because "the values come from a subquery" null "SELECT * FROM t WHERE id NOT IN (SELECT id FROM plain)"
    because "one side of OR is a subquery" null "SELECT * FROM t WHERE id IN (SELECT id FROM plain) OR id > 25"
    sql "CREATE TABLE cut (k int, v int) PARTITION BY RANGE (k); CREATE TABLE cut_1 PARTITION OF cut FOR VALUES FROM (0) TO (10);
         CREATE TABLE cut_2 PARTITION OF cut FOR VALUES FROM (10) TO (20); INSERT INTO cut SELECT g % 20, g FROM generate_series(0, 99) AS g"
    PGOPTIONS="-c a.b=15" because "current_setting() is stable" null \
        "SELECT * FROM cut WHERE k >= (SELECT min(id) FROM plain) AND k >= current_setting('a.b')::int"
}

@test "foreign partitions: scanned, pruned, written and not executed like others" {
    sql "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
           OPTIONS (host '$PGHOST', port '$PGPORT', dbname 'lab', async_capable 'true');
         CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'postgres');
         CREATE TABLE far_2 (id int); INSERT INTO far_2 SELECT generate_series(10, 19);
         CREATE TABLE far_3 (id int); INSERT INTO far_3 SELECT generate_series(20, 29);
         CREATE TABLE f (id int) PARTITION BY RANGE (id);
         CREATE TABLE f_1 PARTITION OF f FOR VALUES FROM (0) TO (10); INSERT INTO f SELECT generate_series(0, 9);
         CREATE FOREIGN TABLE f_2 PARTITION OF f FOR VALUES FROM (10) TO (20) SERVER far OPTIONS (table_name 'far_2');
         CREATE FOREIGN TABLE f_3 PARTITION OF f FOR VALUES FROM (20) TO (30) SERVER far OPTIONS (table_name 'far_3')"
    judged f "id IN (3, 14)"
    explained f "3: f_2 | 2 0 0 0 | " "SELECT * FROM f WHERE id = 12"
    explained f "3: f_1 f_2 f_3 | 0 0 0 0 | f_1" "SELECT count(*) FROM f WHERE id % 100 > 9"
    explained f "3: f_2 | 0 2 0 0 | " "SELECT * FROM f WHERE id = length(current_setting('server_version')) * 0 + 12 + pg_backend_pid() * 0"
    explained f "3: f_1 f_3 | 1 0 0 0 | " "UPDATE f SET id = id WHERE id IN (1, 22)"
    explained f "3: f_3 | 2 0 0 0 | " "DELETE FROM f WHERE id > 20"
    is 30 "SELECT count(*) FROM f"
    explained f "3: f_2 f_3 | 1 0 0 0 | " "SELECT count(*) FROM f JOIN far_2 USING (id) WHERE id >= 10"
}

@test "ONLY a partitioned table has no row" {
    because "ONLY is the table without its leaves" null "SELECT count(*) FROM ONLY t"
    because "ONLY is the table without its leaves" null "SELECT * FROM ONLY public.t WHERE id > 5"
    because "the condition can never be true" null "SELECT * FROM t WHERE id > 5 AND false"
}

@test "no hint for a day that begins at two midnights" {
    sql "CREATE TABLE zoned (at timestamptz) PARTITION BY RANGE (at); CREATE TABLE zoned_1 PARTITION OF zoned
         FOR VALUES FROM (MINVALUE) TO ('2024-01-01'); CREATE TABLE zoned_2 PARTITION OF zoned DEFAULT;
         INSERT INTO zoned VALUES ('2024-11-03 00:30-04')"
    PGOPTIONS="-c timezone=America/Havana" because "the key is cast" null "SELECT * FROM zoned WHERE at::date = '2024-11-03'"
    PGOPTIONS="-c timezone=America/Havana" because "the key is inside" null "SELECT * FROM zoned WHERE date_trunc('day', at) = '2024-11-03'"
    PGOPTIONS="-c timezone=America/New_York" because "the key is cast" "write at >= '2024-11-03' AND at < '2024-11-04'" \
        "SELECT * FROM zoned WHERE at::date = '2024-11-03'"
}

@test "pruned at run time below Memoize" {
    sql "CREATE TABLE twice (id int); INSERT INTO twice SELECT g % 4 FROM generate_series(1, 100) AS g; ANALYZE twice;
         CREATE INDEX ON t (id)"
    PGOPTIONS="-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c enable_material=off"
    export PGOPTIONS
    explained t "3: t_1 | 0 0 2 0 | " "SELECT count(*) FROM twice JOIN t USING (id)"
    [[ $output == *Memoize* ]]
    sql "DROP INDEX t_id_idx"
}

@test "what writes is rolled back; where INSERT, UPDATE and MERGE put rows is said" {
    local before
    before=$(fingerprint)
    explained t "3: t_1 | 2 0 0 0 | " "UPDATE t SET id = 25 WHERE id = 3"
    [[ $(value 't("t").written') == "[ 't_3' ]" ]]
    explained t "3: t_1 t_2 | 1 0 0 0 | " "DELETE FROM t WHERE id < 15"
    explained t "3: t_3 | 0 0 0 2 | " "INSERT INTO t VALUES (22), (23)"
    [[ $(value 't("t").operation') == insert ]]
    PGOPTIONS="-c track_counts=off" run_partdemo explain "INSERT INTO t VALUES (22)"
    has "$output" "t  inserts into some of 3 leaves" "a plan does not tell which"
    json "MERGE INTO t USING (VALUES (3), (22)) AS v (n) ON id = n WHEN MATCHED THEN DELETE"
    [[ $(value 't("t").leaves') == 3 ]]
    json "WITH gone AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM gone"
    [[ $(row t) == "3: t_1 | 2 0 0 0 | " ]]
    [[ $(fingerprint) == "$before" ]]
}

@test "a plan alone: what run-time pruning will do is not known" {
    explained events "4: events_01 events_02 events_03 events_default | 0 0 0 0 | " \
        "SELECT * FROM events WHERE at < (SELECT max(day) FROM plain)" --no-analyze
    [[ $(value '[d.analyze, d.execution_ms].join()') == false, ]]
    run_partdemo explain --no-analyze "DELETE FROM events"
    exited 0
    has "$output" "4 of 4 leaves in the plan" "not executed: pruning at run time cannot be seen"
    if ((PG_TEST_MAJOR >= 16)); then
        explained users "4: users_0 users_1 users_2 users_3 | 0 0 0 0 | " "SELECT * FROM users WHERE id = \$1" --generic
    else
        run_partdemo explain --generic "SELECT * FROM users WHERE id = \$1"
        exited 2
        has "$stderr" "needs PostgreSQL 16" "--param"
    fi
}

@test "the card, to the blank" {
    PGOPTIONS="-c enable_seqscan=off -c enable_bitmapscan=off" run_partdemo explain "SELECT * FROM events WHERE at >= '2024-02-14' AND at < '2024-02-16'"
    exited 0
    diff <(sed -E 's/[0-9]+\.[0-9]+ ms/N ms/; s/ +[0-9]+\.[0-9]{2} +[0-9]+$/ N/; s/[0-9]+ buffers?$/N buffers/; /^planning/d' <<<"$output") - <<'END'
events  scanned 1 of 4 leaves; 3 pruned at plan time
  [at >= '2024-02-14' AND at < '2024-02-16']
  [.#..]
     events_02  Index Scan  16 rows  N ms  N buffers

PLAN                  ROWS  LOOPS    MS  BUFFERS
Index Scan events_02    16      1 N

END
    has "$output" "planning " "; execution " "; buffers "
    run_partdemo explain "SELECT * FROM t WHERE id < (SELECT 12)"
    has "$output" "t  scanned 2 of 3 leaves; 1 pruned at run time" "[##.]" "t_3 (pruned at run time)" \
        "  why: the value comes from another part of the plan"
    run_partdemo explain "SELECT * FROM plain"
    has "$output" "plain  not partitioned; Seq Scan, 5 rows, 1 buffer"
    run_partdemo explain "SELECT * FROM users WHERE id > 7"
    has "$output" "[####]" "  why: hash partitions are chosen by equality only: id > 7"
}

@test "odd names: escaped in the card, whole in JSON" {
    local sql=$'SELECT * FROM "Odd S"."my ""tab\nle" WHERE id = 1'
    run_partdemo explain "$sql"
    exited 0
    has "$output" '"Odd S"."my ""tab\x0ale"' '"Odd S"."leaf\x09one"'
    [[ $(grep -c $'\t' <<<"$output") == 0 ]]
    json "$sql"
    is "$(value 'd.tables[0].table')" "SELECT 'x' WHERE false UNION ALL SELECT oid::regclass::text FROM pg_class WHERE relname LIKE 'my %'"
    is "$(value 'd.tables[0].scanned[0]')" "SELECT oid::regclass::text FROM pg_class WHERE relname LIKE 'leaf%'"
}

@test "the role sees what it may: policies apply, permissions are the server's" {
    PGUSER=reader explained orders "3: orders_na | 2 0 0 0 | " "SELECT * FROM orders"
    PGUSER=reader run_partdemo explain "SELECT * FROM t"
    exited 1
    has "$stderr" "permission denied for table t (42501)"
}

# refused_with CODE TEXT SQL...
refused_with() {
    run_partdemo explain "${@:3}"
    exited "$1" && has "$stderr" "$2"
}

@test "errors: the place in the text that was given" {
    run_partdemo explain $'SELECT *\n  FROM t WHERE \'é\' = \'é\' AND idd = 1'
    exited 1
    has "$stderr" $'  LINE 2:   FROM t WHERE \'é\' = \'é\' AND idd = 1\n                                       ^'
    run_partdemo explain --param 1 $'-- why\nSELECT nope FROM t WHERE id = $1'
    exited 1
    has "$stderr" $'  LINE 2: SELECT nope FROM t WHERE id = $1\n                 ^'
    printf 'SELECT 1;\n\nSELECT 2;\n' >two.sql
    refused_with 2 "these are 2 statements" -f two.sql
    echo "selec 1" >bad.sql
    refused_with 1 "bad.sql:1:1" -f bad.sql
    refused_with 2 "nowhere.sql" -f nowhere.sql
    refused_with 1 'relation "nowhere" does not exist (42P01)' "SELECT * FROM nowhere"
    refused_with 1 "division by zero (22012)" "SELECT 1 / (id - 1) FROM t"
    refused_with 1 "--param" "SELECT * FROM t WHERE id = \$1"
    refused_with 1 "--param 'x', which is \$2: " --param 1 --param x "SELECT * FROM t WHERE id IN (\$1, \$2)"
    has "$stderr" "(22P02)"
    refused_with 2 "the statement has 1 parameter, --param was given 2 times" --param 1 --param 2 "SELECT * FROM t WHERE id = \$1"
    refused_with 2 "VACUUM cannot be explained" "VACUUM t"
    refused_with 2 "CREATE cannot be explained" "CREATE TABLE x AS SELECT 1"
    refused_with 2 "no SQL to explain" " -- nothing"
    refused_with 2 "explain needs an SQL statement"
    PGOPTIONS="-c statement_timeout=200" refused_with 1 "57014" "SELECT pg_sleep(10)"
}

@test "from a file and from standard input" {
    echo "SELECT * FROM t WHERE id = 1;" >one.sql
    json -f one.sql
    [[ $(row t) == "3: t_1 | 2 0 0 0 | " ]]
    "$PARTDEMO" explain - --format json <one.sql >stdout
    [[ $(row t) == "3: t_1 | 2 0 0 0 | " ]]
}

@test "Ctrl-C ends the statement at the server and takes it back" {
    start_partdemo explain "WITH w AS (INSERT INTO plain VALUES (99) RETURNING id) SELECT pg_sleep(60) FROM w"
    wait_for sql_true "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'EXPLAIN%pg_sleep%' AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()"
    kill -INT "$PD_PID"
    end_partdemo
    exited 130
    wait_for sql_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'EXPLAIN%pg_sleep%' AND pid <> pg_backend_pid()"
    is 0 "SELECT count(*) FROM plain WHERE id = 99"
}

@test "a deep plan; thousands of leaves" {
    local sql="SELECT id FROM t WHERE id = 1" i
    for ((i = 0; i < 120; i++)); do
        sql="($sql) EXCEPT ALL (SELECT id FROM t WHERE id = 2)"
    done
    json "$sql"
    [[ $(value 'd.tables.filter(x => x.scanned.join() === "t_1" && x.pruned.plan === 2).length') == 121 ]]
    run_partdemo explain "$sql"
    exited 0
    sql "CREATE TABLE many (id int) PARTITION BY LIST (id)"
    sql "SELECT format('CREATE TABLE many_%s PARTITION OF many FOR VALUES IN (%s);', g, g) FROM generate_series(1, 400) AS g" |
        psql -XAtq -v ON_ERROR_STOP=1
    judged many "id > 7 AND id < 400"
    [[ $(row many) == "400: "*" | 8 0 0 0 | "* ]]
    run_partdemo explain "SELECT * FROM many"
    has "$output" "many  scanned 400 of 400 leaves; none pruned" "7 leaves a sign" "and 388 more (-v shows them)"
    sql "DROP TABLE many"
}

@test "a partition whose detach was interrupted is no leaf of its table" {
    sql "CREATE TABLE d (id int) PARTITION BY RANGE (id);
         CREATE TABLE d_1 PARTITION OF d FOR VALUES FROM (0) TO (10);
         CREATE TABLE d_2 PARTITION OF d FOR VALUES FROM (10) TO (20)"
    psql -XAtq >/dev/null <<'SQL' &
BEGIN;
SELECT count(*) FROM d;
SELECT pg_sleep(2);
SQL
    wait_for sql_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    PGOPTIONS="-c statement_timeout=500" refused 57014 "ALTER TABLE d DETACH PARTITION d_2 CONCURRENTLY"
    wait
    is t "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'd_2'::regclass"
    explained d "1: d_1 | 0 0 0 0 | d_1" "SELECT * FROM d"
    explained d_2 "1: d_2 | 0 0 0 0 | d_2" "SELECT * FROM d_2"
}

@test "in Lua: prepared statements, and transactions that go on" {
    cat >flow.lua <<'LUA'
local explain = require "partdemo.explain"
return { summary = "Explain in a transaction", steps = { function(ctx)
  local conn = ctx.conn
  conn:exec "PREPARE q(timestamp) AS SELECT * FROM events WHERE at = $1"
  conn:exec "SET plan_cache_mode = force_generic_plan"
  conn:exec "BEGIN"
  conn:exec "DELETE FROM t WHERE id = 29"
  local found = explain.run(conn, "EXECUTE q('2024-02-03')").tables[1]
  print("prepared", found.pruned.startup, found.scanned[1])
  print("gone", #explain.run(conn, "DELETE FROM t WHERE id < 5").tables[1].scanned)
  print("failed", pcall(explain.run, conn, "SELECT 1/0"))
  found = explain.run(conn, "SELECT * FROM t WHERE id < $1", { params = { 15 } }).tables[1]
  print("params", #found.scanned, found.pruned.plan)
  print("left", conn:exec("SELECT count(*) AS n FROM t")[1].n, conn:status())
  conn:exec "ROLLBACK"
end } }
LUA
    run_partdemo run ./flow.lua
    exited 0
    has "$output" $'prepared\t3\tevents_02' $'gone\t1' $'failed\tfalse\tdivision by zero (22012)' $'params\t2\t1' $'left\t29\ttransaction'
    is 30 "SELECT count(*) FROM t"
}
