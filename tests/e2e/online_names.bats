#!/usr/bin/env bats
# Names and values of every kind, for online changes: operators that are not on the search_path, odd names of tables
# and partitions, values with commas, and wrong words, which are refused with nothing touched.

load ../lib
load ../online

# A server that can speak German, where the system has what makes that locale.
setup_file() {
    LOCALES=$(scratch locales)
    export LOCALES
    localedef -i de_DE -f UTF-8 "$LOCALES/de_DE.UTF-8" 2>/dev/null || true
    pg_start "autovacuum = off"
    as_pg env LOCPATH="$LOCALES:/usr/lib/locale" "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" \
        -w -s restart >/dev/null 2>&1
}

teardown_file() {
    pg_stop
    rm -rf "$LOCALES"
}

setup() {
    fresh_db names
}

# held_at PHASE LOCK SQL COMMAND...: SQL is executed while the command waits for a lock at that phase; then it ends well.
held_at() {
    hold "BEGIN; LOCK $2 IN ACCESS SHARE MODE"
    start_partdemo "${@:4}"
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs" || end_partdemo
    sql "$3"
    release
    end_partdemo
    exited 0
}

@test "a key whose operators are not on the search_path: split, merge, migrate, detach" {
    sql "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
         CREATE TABLE t (name ext.citext, n bigint, v int NOT NULL, PRIMARY KEY (name, n)) PARTITION BY LIST (name);
         CREATE TABLE t_ab PARTITION OF t FOR VALUES IN ('A', 'b'); CREATE TABLE t_c PARTITION OF t FOR VALUES IN ('c');
         INSERT INTO t SELECT (ARRAY['a', 'A', 'B', 'b', 'C'])[1 + n % 5], n, 0 FROM generate_series(1, 6000) AS n"
    # Another writing of the same key, and one that is in the log twice.
    local change="UPDATE t SET name = upper(name::text)::ext.citext, v = v + 1 WHERE n <= 100; UPDATE t SET name = lower(name::text)::ext.citext WHERE n <= 50"
    local content="SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM t" before
    held_at promised t_ab "$change" run online/split --table t --partition t_ab --values 'a'
    is $'t_ab_1|2400\nt_ab_2|2400\nt_c|1200' "SELECT tableoid::regclass::text, count(*) FROM t GROUP BY 1 ORDER BY 1"
    is "6000|100" "SELECT count(*), sum(v) FROM t"
    run_partdemo run online/split --table t --partition t_ab --values 'a'
    exited 0
    has "$output" "already done"
    held_at built t "$change" run online/migrate --table t --by 'HASH (name)' --modulus 2
    is "6000|200" "SELECT count(*), sum(v) FROM t"
    before=$(sql "$content")
    run_partdemo run online/merge --table t --partitions t_p0,t_p1 --name t_all
    exited 0
    is "$before" "$content"
    sound t
    run_partdemo run online/detach --table t --partition t_all --archive kept
    exited 0
    is 6000 "SELECT count(*) FROM kept"
    nothing_left
}

# leaves TABLE: names and bounds, and how many rows each has.
leaves() {
    sql "SELECT relid::regclass, pg_get_expr(c.relpartbound, c.oid) FROM pg_partition_tree('$1') JOIN pg_class AS c ON c.oid = relid
          WHERE isleaf ORDER BY c.relname"
}

# twice COMMAND...: does it, and finds it done.
twice() {
    run_partdemo "$@"
    exited 0
    run_partdemo "$@"
    exited 0
    has "$output" "already done"
}

@test "names with dots, doubled quotes and a schema are read as psql reads them" {
    sql 'CREATE SCHEMA "My.Schema";
         CREATE TABLE "My.Schema"."t.1" (u int PRIMARY KEY) PARTITION BY RANGE (u);
         CREATE TABLE "My.Schema"."a.b" PARTITION OF "My.Schema"."t.1" FOR VALUES FROM (0) TO (100);
         CREATE TABLE "My.Schema"."c""d" PARTITION OF "My.Schema"."t.1" FOR VALUES FROM (100) TO (200);
         CREATE TABLE "My.Schema".feb PARTITION OF "My.Schema"."t.1" FOR VALUES FROM (200) TO (300);
         CREATE TABLE "My.Schema"."Feb" PARTITION OF "My.Schema"."t.1" FOR VALUES FROM (300) TO (400);
         INSERT INTO "My.Schema"."t.1" SELECT generate_series(0, 399)'
    local t='"My.Schema"."t.1"'
    twice run online/split --table "$t" --partition '"a.b"' --at 50
    twice run online/split --table "$t" --partition '"My.Schema"."c""d"' --at 150
    twice run online/split --table "$t" --partition FEB --at 250 --names 'early,"La.te"'
    [[ $(leaves "$t") == '"My.Schema"."Feb"|FOR VALUES FROM (300) TO (400)
"My.Schema"."La.te"|FOR VALUES FROM (250) TO (300)
"My.Schema"."a.b_1"|FOR VALUES FROM (0) TO (50)
"My.Schema"."a.b_2"|FOR VALUES FROM (50) TO (100)
"My.Schema"."c""d_1"|FOR VALUES FROM (100) TO (150)
"My.Schema"."c""d_2"|FOR VALUES FROM (150) TO (200)
"My.Schema".early|FOR VALUES FROM (200) TO (250)' ]]
    twice run online/merge --table "$t" --partitions '"a.b_1", "a.b_2"'
    twice run online/merge --table "$t" --partitions '"My.Schema"."c""d_1","My.Schema"."c""d_2"' --keep-old
    run_partdemo run online/merge --table "$t" --partitions '"My.Schema"."c""d_1","My.Schema"."c""d_2"' --undo
    exited 0
    twice run online/merge --table "$t" --partitions '"c""d_1","c""d_2","My.Schema".early' --name '"e""f,g"'
    twice run online/detach --table "$t" --partition '"Feb"' --archive '"My.Schema"."kept.it"'
    twice run online/detach --table "$t" --partition '"My.Schema"."a.b"'
    [[ $(leaves "$t") == '"My.Schema"."La.te"|FOR VALUES FROM (250) TO (300)
"My.Schema"."e""f,g"|FOR VALUES FROM (100) TO (250)' ]]
    # What is no name in SQL is taken as it is.
    twice run online/split --table "$t" --partition 'e"f,g' --at 200
    is 100 'SELECT count(*) FROM "My.Schema"."kept.it"'
    is 100 'SELECT count(*) FROM "My.Schema"."a.b"'
    is 200 'SELECT count(*) FROM "My.Schema"."t.1"'
    twice run online/migrate --table "$t" --by 'RANGE (u)' --at 0,200,400 --names '"x.1","y""2"'
    twice run online/convert --table '"My.Schema"."a.b"' --by 'RANGE (u)' --until 1000 --at 2000 --name '"h.ist"' --names '"ne.xt"'
    is $'"My.Schema"."h.ist"\n"My.Schema"."ne.xt"\n"My.Schema"."x.1"\n"My.Schema"."y""2"' "SELECT relid::regclass::text FROM (
        SELECT relid FROM pg_partition_tree('\"My.Schema\".\"t.1\"') WHERE isleaf
        UNION ALL SELECT relid FROM pg_partition_tree('\"My.Schema\".\"a.b\"') WHERE isleaf) AS x ORDER BY 1"
    nothing_left
}

@test "values with commas, semicolons and quotes, and words that are texts" {
    sql "CREATE TABLE l (k text, u int) PARTITION BY LIST (k); ALTER TABLE l ADD UNIQUE (u, k); ALTER TABLE l ALTER u SET NOT NULL, ALTER k SET NOT NULL;
         CREATE TABLE l_1 PARTITION OF l FOR VALUES IN ('a,b', 'c', 'd;e', 'it''s', 'NULL', '');
         INSERT INTO l SELECT (ARRAY['a,b', 'c', 'd;e', 'it''s', 'NULL', ''])[1 + n % 6], n FROM generate_series(1, 60) AS n"
    local values="'a,b','d;e';it's, '';'NULL'"
    hold "BEGIN; LOCK l_1 IN ACCESS SHARE MODE"
    run_partdemo run online/split --table l --partition l_1 --values "$values" --patience 100ms
    exited 1
    release
    # The command as it is named to others can be pasted into a shell.
    run_partdemo run setup -q
    run_partdemo run cleanup
    has "$stderr" "was left at the phase 'promised'"
    eval "$(grep -o 'partdemo run online/split.*' <<<"$stderr")" >/dev/null
    [[ $(leaves l) == "l_1_1|FOR VALUES IN ('a,b', 'd;e')
l_1_2|FOR VALUES IN ('it''s', '')
l_1_3|FOR VALUES IN ('NULL')
l_1_4|FOR VALUES IN ('c')" ]]
    run_partdemo run online/split --table l --partition l_1 --values "$values"
    exited 0
    has "$output" "already done"
    local migrate=(run online/migrate --table l --by 'LIST (k)' --values "'a,b';it's,'NULL'; NULL,'d;e','',c")
    sql "ALTER TABLE l ALTER k DROP NOT NULL; ALTER TABLE l DROP CONSTRAINT l_u_k_key, ADD UNIQUE (k, u)"
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "no unique index of NOT NULL columns"
    sql "ALTER TABLE l ALTER k SET NOT NULL"
    twice "${migrate[@]}"
    [[ $(leaves l) == "l_a_b|FOR VALUES IN ('a,b')
l_it_s|FOR VALUES IN ('it''s', 'NULL')
l_null|FOR VALUES IN (NULL, 'd;e', '', 'c')" ]]
    is "60|1830" "SELECT count(*), sum(u) FROM l"
    twice run online/migrate --table l --by 'RANGE (k, u)' --at "MINVALUE;'a,b',0;c;MAXVALUE,MAXVALUE"
    [[ $(leaves l) == "l_a_b_0|FOR VALUES FROM ('a,b', 0) TO ('c', MINVALUE)
l_c|FOR VALUES FROM ('c', MINVALUE) TO (MAXVALUE, MAXVALUE)
l_minvalue|FOR VALUES FROM (MINVALUE, MINVALUE) TO ('a,b', 0)" ]]
    sql "CREATE TABLE p (k text PRIMARY KEY)"
    twice run online/convert --table p --by 'RANGE (k)' --until "'a,b'" --at "'c,d;'"
    [[ $(leaves p) == "p_a_b|FOR VALUES FROM ('a,b') TO ('c,d;')
p_hist|FOR VALUES FROM (MINVALUE) TO ('a,b')" ]]
    nothing_left
}

# in_path PATH ARG...: partdemo in a session with that search_path.
in_path() {
    PGOPTIONS="-c search_path=$1" run_partdemo "${@:2}"
}

# stopped_at LOCK ARG...: in the path "app", and until that table is in its way, which somebody reads.
stopped_at() {
    hold "BEGIN; LOCK $1 IN ACCESS SHARE MODE"
    in_path app "${@:2}" --patience 100ms
    release
    exited 1
}

@test "a run goes on in the search_path in which it was begun, also when the table's name means another one there" {
    sql "CREATE SCHEMA app; CREATE TYPE app.color AS ENUM ('red', 'green', 'blue'); CREATE DOMAIN app.euro AS numeric(12, 2);
         CREATE FUNCTION app.fee() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION app.dear(numeric) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1 >= fee(); END';
         SET search_path = app;
         CREATE TABLE t (u int, c color, v int DEFAULT fee() CHECK (dear(v)), PRIMARY KEY (c, u)) PARTITION BY LIST (c);
         CREATE TABLE t_some PARTITION OF t FOR VALUES IN ('red', 'green'); CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE TABLE p (u int, c color, PRIMARY KEY (c, u)); INSERT INTO p SELECT n, 'red' FROM generate_series(1, 99) AS n;
         INSERT INTO t SELECT n, (ARRAY['red', 'green', 'blue']::color[])[1 + n % 3] FROM generate_series(1, 900) AS n;
         CREATE TABLE public.t (u int); CREATE TABLE public.p (u int)"
    local content="SELECT count(*), sum(hashtextextended((u, c, v::int)::text, 0)::numeric) FROM app.t" before
    before=$(sql "$content")
    local split=(--partition t_some --values red --keep-old)
    stopped_at app.t_rest run online/split --table t "${split[@]}"
    in_path public run online/split --table app.t "${split[@]}" --dry-run
    exited 0
    has "$output" "SET search_path = app;"
    in_path public run online/split --table app.t "${split[@]}"
    exited 0
    in_path public run online/split --table app.t "${split[@]}" --undo
    exited 0
    is "app.t_rest,app.t_some" "SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY 1) FROM pg_inherits WHERE inhparent = 'app.t'::regclass"
    stopped_at app.t_rest run online/split --table t "${split[@]}"
    in_path public run online/split --table app.t "${split[@]}" --abort
    exited 0
    nothing_left
    local types=(--by "HASH (c)" --modulus 2 --types "v euro")
    stopped_at app.t run online/migrate --table t "${types[@]}"
    in_path public run online/migrate --table app.t "${types[@]}"
    exited 0
    has "$output" "ok     app.t is partitioned by HASH (c)"
    is "app.euro" "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'v'"
    in_path app run online/merge --table t --partitions t_p0,t_p1 --name t_all
    exited 0
    sql "CREATE TABLE app.kept (u int, c app.color, v app.euro CHECK (v < 0)); CREATE TABLE public.kept (u int)"
    local detach=(--partition t_all --archive kept)
    in_path app run online/detach --table t "${detach[@]}"
    exited 1
    in_path public run online/detach --table app.t "${detach[@]}" --abort
    exited 0
    in_path app run online/detach --table t "${detach[@]}"
    exited 1
    sql "ALTER TABLE app.kept DROP CONSTRAINT kept_v_check"
    in_path public run online/detach --table app.t "${detach[@]}"
    exited 0
    is "$before" "${content/app.t/app.kept}"
    local convert=(--by "LIST (c)" --values "red,green,blue")
    stopped_at app.p run online/convert --table p "${convert[@]}"
    in_path public run online/convert --table app.p "${convert[@]}"
    exited 0
    is "99|app.p_hist" "SELECT count(*), min(tableoid::regclass::text) FROM app.p"
    is "r|r" "SELECT (SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass), (SELECT relkind FROM pg_class WHERE oid = 'public.p'::regclass)"
    nothing_left
}

# refuses EXPECTED WORDS...: exit code 2, with that message.
refuses() {
    run_partdemo run "${@:2}"
    exited 2
    has "$stderr" "$1"
}

@test "wrong words exit with 2 and touch nothing, whatever the change" {
    sql "CREATE TABLE t (u int, k date, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-03-01');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-03-01') TO ('2024-04-01'); CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE TABLE l (k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1, 2, 3);
         CREATE TABLE l_rest PARTITION OF l DEFAULT;
         CREATE TABLE h (k int PRIMARY KEY) PARTITION BY HASH (k); CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE p (u int PRIMARY KEY, k date)"
    fingerprint >"$BATS_TEST_TMPDIR/before"
    local range=(online/split --table t --partition t_1) list=(online/split --table l --partition l_1)
    refuses 'invalid input syntax for type date: "nonsense"' "${range[@]}" --at nonsense
    refuses "--at: 2024-03-08 is not inside" "${range[@]}" --at 2024-03-08
    refuses "--at: 2024-02-01 comes after 2024-02-08 and is not greater" "${range[@]}" --at 2024-02-08,2024-02-01 --dry-run
    refuses 'invalid input syntax for type date: "3;2024-02-02"' "${range[@]}" --at "2024-02-01,3;2024-02-02"
    refuses "more values than the key has columns" online/migrate --table t --by 'RANGE (k, u)' --at "2024-02-01,3,4;2024-02-02"
    refuses "split by --at" "${range[@]}" --at ,
    refuses "split by --at, not by --values" "${range[@]}" --at 2024-02-08 --values 1
    refuses "a quote is not closed: '2024-02-08" "${range[@]}" --at "'2024-02-08"
    refuses "'2024-02-08' 10:00 is not one value" "${range[@]}" --at "'2024-02-08' 10:00"
    refuses "a.b has a schema" "${range[@]}" --at 2024-02-08 --names 'a.b,c'
    refuses 'a quote is not closed: "a' "${range[@]}" --at 2024-02-08 --names '"a,b'
    refuses "would overlap partition" online/split --table t --partition t_rest --at 2024-03-10,2024-04-10
    refuses "at least two values" online/split --table t --partition t_rest --at 2024-05-01
    refuses 'invalid input syntax for type integer: "x"' "${list[@]}" --values x
    refuses "holds no '7'" "${list[@]}" --values '1;7'
    refuses "names all values" "${list[@]}" --values '1,2,3'
    refuses "split by --values" "${list[@]}" --values ';'
    refuses "split by --values, not by --at" "${list[@]}" --values 1 --at 2
    refuses "would overlap partition" online/split --table l --partition l_rest --values '1'
    refuses 'invalid input syntax for type integer: "x"' online/split --table l --partition l_rest --values 'x'
    refuses "it takes neither --at nor --values" online/split --table h --partition h_0 --at 1
    refuses "a.b has a schema" online/merge --table t --partitions t_1,t_2 --name a.b
    refuses "a quote is not closed" online/merge --table t --partitions 't_1,"t_2'
    refuses "is longer than 63 bytes" online/merge --table t --partitions t_1,t_2 --name "$(printf 'x%.0s' {1..64})"
    refuses "--drop needs --archive" online/detach --table t --partition t_1 --drop
    refuses "not the name of a table" online/detach --table t --partition t_1 --archive 'a..b'
    refuses "not the name of a table" online/detach --table t --partition t_1 --archive 'a.b.c.d'
    refuses "t_1 is the partition itself" online/detach --table t --partition t_1 --archive t_1
    refuses 'invalid input syntax for type date: "x"' online/migrate --table t --by 'RANGE (k)' --at 'x,2024-01-01'
    refuses "'a'b is not one value" online/migrate --table l --by 'LIST (k)' --values "'a'b"
    refuses "a.b has a schema" online/migrate --table l --by 'LIST (k)' --values 1 --names a.b
    refuses "a.b has a schema" online/convert --table p --by 'RANGE (k)' --until 2025-01-01 --name a.b
    refuses "a quote is not closed" online/convert --table p --by 'RANGE (k)' --until "'2025-01-01"
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    # Also when such partitions are there already.
    run_partdemo run "${range[@]}" --at 2024-02-08
    exited 0
    refuses 'invalid input syntax for type date: "nonsense"' "${range[@]}" --at nonsense
    run_partdemo run "${list[@]}" --values 1
    exited 0
    refuses 'invalid input syntax for type integer: "x"' "${list[@]}" --values x
}

@test "a server whose messages are not English: wrong words are told apart, and no notice becomes a warning" {
    export PGOPTIONS="-c lc_messages=de_DE.UTF-8"
    [[ $(psql -Xc "SELECT 1/0" 2>&1) == *FEHLER* ]] || skip "no German messages here"
    sql "CREATE TABLE t (u int, k date, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-03-01');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-03-01') TO ('2024-04-01'); CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE TABLE p (u int PRIMARY KEY)"
    refuses "--at: 2024-03-08 is not inside public.t_1, which goes from '2024-01-01' to '2024-03-01'" online/split --table t --partition t_1 --at 2024-03-08
    refuses "--at: 2024-02-01 comes after 2024-02-08 and is not greater" online/split --table t --partition t_1 --at 2024-02-08,2024-02-01
    refuses "würde sich mit Partition" online/split --table t --partition t_rest --at 2024-03-10,2024-04-10
    refuses "x" online/split --table t --partition t_1 --at x
    run_partdemo run online/split --table t --partition t_1 --at 2024-02-01
    exited 0
    has "$output" "PostgreSQL attached 2 of 2 new partitions without a scan"
    [[ $stderr != *HINWEIS* ]]
    run_partdemo run online/convert --table p --by 'RANGE (u)' --until 10
    exited 0
    has "$output" "PostgreSQL attached 1 of 1 table without a scan"
    printf 'BEGIN;\nDROP TABLE IF EXISTS nothing;\nCOMMIT;\n' >"$BATS_TEST_TMPDIR/drop.sql"
    echo 'return { summary = "Drop", steps = { { sql = "drop.sql", say = "Drop", transaction = false } } }' >"$BATS_TEST_TMPDIR/drop.lua"
    run_partdemo run "$BATS_TEST_TMPDIR/drop.lua"
    exited 0
    [[ $stderr != *nothing* ]]
}
