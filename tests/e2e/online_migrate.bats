#!/usr/bin/env bats
# partdemo run online/migrate while others write: from any partitioning to any other, no row is lost, doubled, stale or
# resurrected, and the new table has everything that the old one had.

load ../lib
load ../online
load ../online_rich

setup() {
    fresh_db migrate
}

DAY="date '2024-01-01' + floor(random() * 90)::int"

shape_of() {
    sql "SELECT string_agg(concat_ws(' ', relid::regclass, pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(relid)), chr(10) ORDER BY relid::regclass::text)
           FROM pg_partition_tree('t') JOIN pg_class AS c ON c.oid = relid"
}

@test "hash becomes range under four writers, with a default partition" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u)) PARTITION BY HASH (u);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE INDEX t_v ON t (v);
         CREATE ROLE its_reader; GRANT SELECT ON t TO its_reader;
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(0, 5999) AS n"
    ledger t
    writers t "$DAY" -M prepared -R 800
    local migrate=(run online/migrate --table t --by 'range(k)' --at "2024-01-01,2024-02-01,2024-03-01" --default)
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "the primary key t_pkey: it lacks the key column k" "--widen adds k to it"
    run_partdemo "${migrate[@]}" --widen
    exited 0
    end_writers
    [[ $(shape_of) == "t RANGE (k)
t_2024_01 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')
t_2024_02 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')
t_default DEFAULT" ]]
    is $'t_pkey|CREATE UNIQUE INDEX t_pkey ON ONLY public.t USING btree (u, k)\nt_v|CREATE INDEX t_v ON ONLY public.t USING btree (v)' \
        "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1"
    as_the_ledger_says t
    nothing_left
    is 0 "SELECT count(*) FROM pg_class WHERE relname ~ '^(t_[01]|partdemo.*)\$'"
    is t "SELECT has_table_privilege('its_reader', 't', 'SELECT')"
    sql "DROP OWNED BY its_reader; DROP ROLE its_reader"
    run_partdemo "${migrate[@]}" --widen
    exited 0
    has "$output" "already done"
}

@test "range becomes hash, that composite, and that hash again: under writers" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-15');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(0, 5999) AS n"
    ledger t
    writers t "$DAY" -R 800
    run_partdemo run online/migrate --table t --by 'HASH (u)' --modulus 3
    exited 0
    [[ $(shape_of) == "t HASH (u)
t_p0 FOR VALUES WITH (modulus 3, remainder 0)
t_p1 FOR VALUES WITH (modulus 3, remainder 1)
t_p2 FOR VALUES WITH (modulus 3, remainder 2)" ]]
    # v is counted up by the writers: rows move between the parts of the second level, and into new ones.
    run_partdemo run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01" --names "early,late" \
        --sub-by 'LIST (u)' --sub-values '1;2,3' --sub-default
    exited 0
    [[ $(shape_of) == "early FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') LIST (u)
early_1 FOR VALUES IN ('1')
early_2 FOR VALUES IN ('2', '3')
early_default DEFAULT
late FOR VALUES FROM ('2024-02-01') TO ('2024-04-01') LIST (u)
late_1 FOR VALUES IN ('1')
late_2 FOR VALUES IN ('2', '3')
late_default DEFAULT
t RANGE (k)" ]]
    run_partdemo run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01" --names "early,late" \
        --sub-by 'LIST (u)' --sub-values '1;2,3' --sub-default
    exited 0
    has "$output" "already done"
    run_partdemo run online/migrate --table t --by 'HASH (u)' --modulus 2
    exited 0
    is 2 "SELECT count(*) FROM pg_partition_tree('t') WHERE isleaf"
    is 0 "SELECT count(*) FROM pg_class WHERE relname ~ '^(early|late)'"
    end_writers
    as_the_ledger_says t
    nothing_left
}

RICH=(run online/migrate --table '"Odd Schema"."My ""Events"""' --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01" --names "Part 'One,two")

# things: what there is, whatever it is a part of: what of the table itself partitions do not change.
things() {
    definitions | grep -v -E "^relation.*(Part 'One|two)|^column \"Odd Schema\".(\"Part|two)|^(constraint|trigger) \"Odd Schema\".(\"Part|two)|^statistics .*(Part|two)_u|^statistics .*Part 'One_u|child_u_k|constraint child refers_" |
        sed -E 's/ (r|p|i|I) (owner_of_it|postgres)/ . \2/; s/ON ONLY/ON/; s/\{fillfactor=80\} //; s/ not null/ /'
}

@test "a plain table with everything on it: keys, identity, serial, views, triggers, policies, privileges are carried over" {
    rich_table
    local before rows
    before=$(things)
    rows=$(sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY u)) FROM "Odd Schema"."My ""Events""" AS t')
    run_partdemo "${RICH[@]}"
    exited 0
    has "$output" "the table has everything that the old one had"
    diff <(echo "$before") <(things)
    is "$rows" 'SELECT md5(string_agg(t::text, chr(10) ORDER BY u)) FROM "Odd Schema"."My ""Events""" AS t'
    is "$(sql 'SELECT count(*) FROM "Odd Schema"."My ""Events""" WHERE v > 5')" "SELECT n FROM above"
    is t "SELECT bool_and(convalidated) FROM pg_constraint WHERE conname IN ('refers', 'in_region') AND conparentid = 0"
    is 80 "SELECT substring(reloptions::text FROM '[0-9]+') FROM pg_class WHERE relname = 'Part ''One'"
    refused 23503 "INSERT INTO child VALUES (-1, '2024-01-01')"
    refused 23503 'INSERT INTO "Odd Schema"."My ""Events""" ("k", "Region") VALUES ('"'2024-01-01', 'nowhere')"
    is t 'INSERT INTO "Odd Schema"."My ""Events""" ("k", v) VALUES ('"'2024-01-01', 1) RETURNING u > 15000 AND s = 3002 AND twice = 2"
    sql 'DELETE FROM "Odd Schema".region; DELETE FROM "Odd Schema"."My ""Events""" WHERE "k" < '"'2024-03-01'"
    is 0 "SELECT count(*) FROM child WHERE k < '2024-03-01'"
    nothing_left
}

@test "killed again and again under writers, the same command goes on" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u)) PARTITION BY HASH (u);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(0, 59999) AS n"
    local migrate=(run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-03-01" --default --widen)
    ledger t
    writers t "$DAY" -R 800
    killed_at "02 05 09 14 20 30 40 60" "${migrate[@]}"
    ((HITS >= 2))
    end_writers
    is 3 "SELECT count(*) FROM pg_partition_tree('t') WHERE isleaf"
    as_the_ledger_says t
    nothing_left
}

@test "--abort leaves everything as it was; a row that fits nowhere is said; TRUNCATE of a partition is refused" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date, v bigint NOT NULL, PRIMARY KEY (u)) PARTITION BY HASH (u);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE VIEW seen AS SELECT * FROM t;
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(1, 300) AS n; INSERT INTO t VALUES (0, NULL, 0)"
    local before migrate=(run online/migrate --table t --by 'LIST (v)' --values "0;1" --widen)
    before=$(definitions)
    hold "BEGIN; LOCK t IN ACCESS SHARE MODE"
    start_partdemo "${migrate[@]}" --patience 1h
    wait_for sql_true "SELECT phase = 'built' FROM partdemo.runs"
    sleep 0.2
    kill_partdemo
    release
    refused 55006 "TRUNCATE t_1"
    refused 55006 "TRUNCATE t"
    run_partdemo "${migrate[@]}" --abort
    exited 0
    diff <(echo "$before") <(definitions)
    nothing_left
    sql "INSERT INTO t VALUES (-1, NULL, 5), (-2, NULL, 6)"
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "no partition would take 2 rows of public.t" "LIMIT 10;" "--default"
    run_partdemo "${migrate[@]}" --abort
    exited 0
    is 303 "SELECT count(*) FROM t"
    nothing_left
}

@test "a key that may be NULL becomes NOT NULL with the primary key; rows that are NULL are said before" {
    sql "CREATE TABLE t (u bigint PRIMARY KEY, k date, v bigint NOT NULL);
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(1, 300) AS n; INSERT INTO t VALUES (0, NULL, 0)"
    local migrate=(run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-03-01" --default --widen)
    run_partdemo "${migrate[@]}"
    exited 4
    has "$output" "k becomes NOT NULL"
    has "$stderr" "no partition would take 1 row of public.t"
    sql "DELETE FROM t WHERE k IS NULL"
    run_partdemo "${migrate[@]}"
    exited 0
    is t "SELECT attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'k'"
    is 300 "SELECT count(*) FROM t"
    nothing_left
}

# refused_words WORDS EXPECTED: partdemo refuses them, and says so.
refused_words() {
    run_partdemo run online/migrate --table t --widen "${@:2}"
    exited 2
    has "$stderr" "$1"
}

@test "--dry-run prints every statement and changes nothing; what cannot be carried over, and wrong words, are refused" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u)) PARTITION BY HASH (u);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(1, 300) AS n"
    local migrate=(run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-03-01,2025-01-01" --widen)
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${migrate[@]}" --dry-run
    exited 0
    has "$output" "in use now by: nobody" "PARTITION BY RANGE (k);" "LOCK TABLE ONLY public.t IN ACCESS EXCLUSIVE MODE;" \
        'ADD CONSTRAINT partdemo_table_1_pkey PRIMARY KEY (u, k);' "ALTER TABLE public.t_0 SET SCHEMA partdemo_old_1;" 'RENAME TO "t";'
    [[ $output != *'${'* && $output != *" nil"* ]]
    refused_words "range partitions need --at" --by 'RANGE (k)'
    refused_words "nothing" --by 'RANGE (nothing)' --at "1,2"
    refused_words "takes a key as PARTITION BY does" --by 'SOMEHOW (k)' --at "1,2"
    refused_words "nonsense" --by 'RANGE (k)' --at "2024-01-01,nonsense"
    refused_words "empty range" --by 'RANGE (k)' --at "2024-03-01,2024-01-01"
    refused_words "--at is not for hash" --by 'HASH (k)' --at 2024-01-01
    refused_words "overlap" --by 'LIST (v)' --values '1;1'
    refused_words "at least" --by 'HASH (u)' --modulus -3
    refused_words "is the name of the table itself" --by 'RANGE (k)' --at "2024-01-01,2024-03-01" --names t
    refused_words "--sub-by" --by 'RANGE (k)' --at "2024-01-01,2024-03-01" --sub-modulus 3
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    sql "CREATE TABLE child (u bigint REFERENCES t); CREATE MATERIALIZED VIEW kept AS SELECT * FROM t; CREATE INDEX own ON t_0 (v);
         CREATE FUNCTION uses(t) RETURNS bigint LANGUAGE sql AS 'SELECT 1'; SET client_min_messages = error; CREATE PUBLICATION p FOR TABLE t"
    run_partdemo "${migrate[@]}" --dry-run
    exited 4
    has "$stderr" "child_u_fkey" "the materialized view kept" "function uses(t)" "the publication p"
    sql "DROP TABLE child; DROP MATERIALIZED VIEW kept; DROP FUNCTION uses(t); DROP PUBLICATION p"
    run_partdemo "${migrate[@]}"
    exited 4
    has "$stderr" "public.t_0 has index own"
}
