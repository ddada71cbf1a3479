#!/usr/bin/env bats
# partdemo run online/split while others write: no row is lost, doubled, stale or resurrected, nothing of the
# definition changes but what was asked for, and whatever ends the run, the same command goes on.

load ../lib
load ../online

setup_file() {
    pg_start "autovacuum = off" "wal_level = logical"
}

teardown_file() { pg_stop; }

setup() {
    fresh_db split
}

teardown() { stop_writers; }

# Rows whose u is below 2000 belong to the writers, u % 4 tells to which one.
rows() {
    echo "SELECT n, $1, 0 FROM generate_series(0, 5999) AS n"
}

range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_v ON t (v);
         INSERT INTO t $(rows "timestamp '2024-01-25' + n * interval '10 min'")"
}
RANGE_KEY="timestamp '2024-01-25' + random() * interval '40 days'"
SPLIT_RANGE=(run online/split --table t --partition t_feb --at '2024-02-08,2024-02-15,2024-02-22')

is_split_by_week() {
    is $'t_feb_1|FOR VALUES FROM (\'2024-02-01 00:00:00\') TO (\'2024-02-08 00:00:00\')
t_feb_2|FOR VALUES FROM (\'2024-02-08 00:00:00\') TO (\'2024-02-15 00:00:00\')
t_feb_3|FOR VALUES FROM (\'2024-02-15 00:00:00\') TO (\'2024-02-22 00:00:00\')
t_feb_4|FOR VALUES FROM (\'2024-02-22 00:00:00\') TO (\'2024-03-01 00:00:00\')
t_jan|FOR VALUES FROM (\'2024-01-01 00:00:00\') TO (\'2024-02-01 00:00:00\')
t_rest|DEFAULT' \
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 't'::regclass ORDER BY 1"
}

@test "range: a month becomes weeks under four writers" {
    range_table
    ledger t
    writers t "$RANGE_KEY" -M prepared
    run_partdemo "${SPLIT_RANGE[@]}"
    exited 0
    has "$output" "attached 4 of 4 new partitions without a scan" "online/split: done"
    end_writers
    is_split_by_week
    as_the_ledger_says t
    nothing_left
    run_partdemo "${SPLIT_RANGE[@]}"
    exited 0
    has "$output" "already done"
}

@test "list: the values named, and the others together" {
    sql "CREATE TABLE t (u bigint NOT NULL, k text NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY LIST (k);
         CREATE TABLE t_am PARTITION OF t FOR VALUES IN ('US', 'CA', 'it''s', 'MX');
         CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('DE');
         INSERT INTO t $(rows "(ARRAY['US', 'CA', 'it''s', 'MX', 'DE'])[1 + n % 5]")"
    ledger t
    writers t "(ARRAY['US', 'CA', 'it''s', 'MX', 'DE'])[1 + floor(random() * 5)]"
    run_partdemo run online/split --table t --partition t_am --values "CA,it's;US"
    exited 0
    end_writers
    is $'t_am_1|FOR VALUES IN (\'CA\', \'it\'\'s\')\nt_am_2|FOR VALUES IN (\'US\')\nt_am_3|FOR VALUES IN (\'MX\')\nt_eu|FOR VALUES IN (\'DE\')' \
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 't'::regclass ORDER BY 1"
    as_the_ledger_says t
    nothing_left
    run_partdemo run online/split --table t --partition t_am --values "CA,it's;US"
    exited 0
    has "$output" "already done"
}

@test "hash: a remainder becomes two of double modulus" {
    sql "CREATE TABLE t (u bigint NOT NULL, k int NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY HASH (k);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         INSERT INTO t $(rows "n")"
    ledger t
    writers t "(random() * 10000)::int"
    run_partdemo run online/split --table t --partition t_1
    exited 0
    has "$output" "attached 2 of 2 new partitions without a scan"
    end_writers
    is $'t_0|FOR VALUES WITH (modulus 2, remainder 0)\nt_1_1|FOR VALUES WITH (modulus 4, remainder 1)\nt_1_2|FOR VALUES WITH (modulus 4, remainder 3)' \
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 't'::regclass ORDER BY 1"
    as_the_ledger_says t
    nothing_left
    run_partdemo run online/split --table t --partition t_1
    exited 0
    has "$output" "already done"
}

@test "a default partition full of rows becomes a range and a smaller default" {
    range_table
    ledger t
    writers t "$RANGE_KEY"
    run_partdemo run online/split --table t --partition t_rest --at 2024-03-01,2024-03-04
    exited 0
    has "$output" "attached 2 of 2 new partitions without a scan"
    end_writers
    is $'t_2024_03_01|FOR VALUES FROM (\'2024-03-01 00:00:00\') TO (\'2024-03-04 00:00:00\')\nt_rest|DEFAULT' \
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 't'::regclass AND c.relname NOT IN ('t_jan', 't_feb') ORDER BY 1"
    is $'t_rest_pkey\nt_rest_v_idx' \
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 't_rest'::regclass ORDER BY 1"
    as_the_ledger_says t
    nothing_left
    run_partdemo run online/split --table t --partition t_rest --at 2024-03-01,2024-03-04
    exited 0
    has "$output" "already done"
}

# A table with odd names and everything on it that a partition can have.
rich_table() {
    sql "CREATE ROLE owner_of_it; CREATE ROLE reader; CREATE ROLE clerk" 2>/dev/null || true
    psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."My ""Events""" (
    u bigint GENERATED ALWAYS AS IDENTITY, "k" date NOT NULL, v bigint NOT NULL DEFAULT 7,
    twice bigint GENERATED ALWAYS AS (v * 2) STORED, "lines" text COMPRESSION pglz,
    PRIMARY KEY (u, "k"), CHECK (v >= 0)) PARTITION BY RANGE ("k");
CREATE TABLE "Odd Schema"."Part 'One" PARTITION OF "Odd Schema"."My ""Events""" FOR VALUES FROM (MINVALUE) TO ('2024-03-01');
CREATE TABLE "Odd Schema".two PARTITION OF "Odd Schema"."My ""Events""" FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
CREATE INDEX "by v" ON "Odd Schema"."My ""Events""" (v DESC) WHERE v > 3;
CREATE UNIQUE INDEX ON "Odd Schema"."Part 'One" (v, u) INCLUDE ("lines") WITH (fillfactor = 70);
CREATE STATISTICS "Odd Schema".st ON u, v FROM "Odd Schema"."Part 'One";
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW."lines" := NEW."lines" || '!'; RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE UPDATE ON "Odd Schema"."My ""Events""" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER "own one" BEFORE INSERT ON "Odd Schema"."Part 'One" FOR EACH ROW WHEN (NEW.v > 1) EXECUTE FUNCTION touch();
ALTER TABLE "Odd Schema"."Part 'One" ENABLE ALWAYS TRIGGER "own one", DISABLE TRIGGER touch;
ALTER TABLE "Odd Schema"."Part 'One" SET (fillfactor = 80, autovacuum_enabled = off), ALTER v SET STATISTICS 321,
    ALTER v SET (n_distinct = 5), ALTER v SET DEFAULT 9, REPLICA IDENTITY FULL, ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON "Odd Schema"."Part 'One" FOR UPDATE TO reader USING (v > 1) WITH CHECK (v > 2);
GRANT SELECT, INSERT ON "Odd Schema"."Part 'One" TO reader WITH GRANT OPTION;
GRANT UPDATE (v) ON "Odd Schema"."Part 'One" TO clerk;
COMMENT ON TABLE "Odd Schema"."Part 'One" IS 'it''s one';
COMMENT ON COLUMN "Odd Schema"."Part 'One".v IS 'the v';
INSERT INTO "Odd Schema"."My ""Events""" ("k", v, "lines") SELECT date '2024-01-01' + n % 80, n, 'x' || n FROM generate_series(1, 3000) AS n;
CREATE TABLE child (u bigint, "k" date, CONSTRAINT refers FOREIGN KEY (u, "k") REFERENCES "Odd Schema"."My ""Events""" ON DELETE CASCADE);
COMMENT ON CONSTRAINT refers ON child IS 'kept';
INSERT INTO child SELECT u, "k" FROM "Odd Schema"."My ""Events""" WHERE u % 3 = 0;
CREATE PUBLICATION pub FOR TABLE "Odd Schema"."My ""Events""" WITH (publish_via_partition_root = true);
ALTER TABLE "Odd Schema"."Part 'One" OWNER TO owner_of_it;
SQL
}
RICH=(run online/split --table '"Odd Schema"."My ""Events"""' --partition "Part 'One" --at 2024-02-01 --names "new,Part 'One")

@test "names, owner, privileges, indexes, triggers, policies, options, statistics, foreign keys: all are carried over" {
    rich_table
    local before rows
    before=$(one_definition "\"Odd Schema\".\"Part ''One\"")
    rows=$(sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY u)) FROM "Odd Schema"."My ""Events""" AS t')
    has "$before" "trigger own one A" "policy mine" "statistics" "fillfactor=80" "referenced by child"
    run_partdemo "${RICH[@]}"
    exited 0
    diff <(echo "$before") <(one_definition '"Odd Schema".new')
    diff <(echo "$before") <(one_definition "\"Odd Schema\".\"Part ''One\"")
    is "$rows" 'SELECT md5(string_agg(t::text, chr(10) ORDER BY u)) FROM "Odd Schema"."My ""Events""" AS t'
    is t 'SELECT convalidated FROM pg_constraint WHERE conname = '"'refers'"' AND conparentid = 0'
    is kept "SELECT obj_description(oid) FROM pg_constraint WHERE conname = 'refers' AND conparentid = 0"
    refused 23503 "INSERT INTO child VALUES (-1, '2024-01-01')"
    nothing_left
    sql 'DROP PUBLICATION pub; DELETE FROM "Odd Schema"."My ""Events""" WHERE "k" < '"'2024-03-01'"
    is 0 "SELECT count(*) FROM child WHERE k < '2024-03-01'"
    is 3001 'INSERT INTO "Odd Schema"."My ""Events""" ("k", v) VALUES ('"'2024-01-01', 1) RETURNING u"
}

@test "what cannot be carried over is listed beforehand, with the SQL that moves it" {
    range_table
    sql "CREATE VIEW seen AS SELECT * FROM t_feb;
         CREATE TABLE other (v bigint PRIMARY KEY); INSERT INTO other VALUES (0);
         ALTER TABLE t ADD CONSTRAINT to_other FOREIGN KEY (v) REFERENCES other;
         CREATE FUNCTION uses(t_feb) RETURNS bigint LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION atomic_one() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t_feb; END;
         CREATE SEQUENCE its OWNED BY t_feb.v;
         CREATE RULE no_delete AS ON DELETE TO t_feb DO INSTEAD NOTHING;
         ALTER TABLE t_feb ADD CONSTRAINT later CHECK (v > -5) NOT VALID;
         CREATE INDEX nowhere ON ONLY t (k);
         CREATE TABLE one_only (u bigint, k timestamp, FOREIGN KEY (u, k) REFERENCES t_feb);
         CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION leaves FOR TABLE t"
    definitions >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${SPLIT_RANGE[@]}"
    exited 4
    has "$stderr" "the view seen" "foreign key to_other of t" "DROP CONSTRAINT to_other" "function uses(t_feb)" \
        "function atomic_one()" "ALTER SEQUENCE its OWNED BY NONE" "DROP RULE no_delete ON public.t_feb" \
        "VALIDATE CONSTRAINT later" "the index nowhere of public.t: the partition has none for it" "of one_only: it refers to this one partition" "the publication everything" \
        "ALTER PUBLICATION leaves SET (publish_via_partition_root = true)" "Nothing was changed"
    definitions | diff "$BATS_TEST_TMPDIR/before" -
}

@test "a table whose rows have no name is refused" {
    sql "CREATE TABLE t (u bigint, k int) PARTITION BY RANGE (k); CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
         CREATE UNIQUE INDEX ON t (u, k)"
    run_partdemo run online/split --table t --partition t_1 --at 5
    exited 4
    has "$stderr" "no primary key and no unique index of NOT NULL columns"
    sql "ALTER TABLE t ALTER u SET NOT NULL, ALTER k SET NOT NULL; INSERT INTO t SELECT n, n FROM generate_series(0, 9) AS n"
    run_partdemo run online/split --table t --partition t_1 --at 5
    exited 0
    is $'t_1_1|5\nt_1_2|5' "SELECT tableoid::regclass, count(*) FROM t GROUP BY 1 ORDER BY 1"
}

@test "wrong words are refused before anything is touched" {
    range_table
    definitions >"$BATS_TEST_TMPDIR/before"
    run_partdemo run online/split --table nowhere --partition t_feb --at 2024-02-08
    exited 4
    has "$stderr" "there is no table nowhere"
    run_partdemo run online/split --table t --partition t_mar --at 2024-02-08
    exited 4
    has "$stderr" "t has no partition t_mar"
    run_partdemo run online/split --table t --partition t_feb
    exited 2
    has "$stderr" "split by --at"
    run_partdemo run online/split --table t --partition t_feb --at 2024-02-08 --names a,b,c
    exited 2
    has "$stderr" "--names takes 2 names"
    run_partdemo run online/split --table t --partition t_feb --at 2024-02-08 --names a,t_jan
    exited 4
    has "$stderr" "there is a relation public.t_jan already"
    run_partdemo run online/split --table t --partition t_feb --at 2024-03-08
    exited 2
    has "$stderr" "--at: 2024-03-08 is not inside public.t_feb, which goes from '2024-02-01 00:00:00' to '2024-03-01 00:00:00'"
    run_partdemo run online/split --table t --partition t_feb --at 2024-02-01,2024-02-08
    exited 2
    has "$stderr" "--at: 2024-02-01 is not inside public.t_feb"
    run_partdemo run online/split --table t --partition t_feb --at 2024-02-08,2024-02-05
    exited 2
    has "$stderr" "--at: 2024-02-05 comes after 2024-02-08 and is not greater"
    run_partdemo run online/split --table t --partition t_feb --at nonsense
    exited 2
    has "$stderr" "invalid input syntax for type timestamp"
    definitions | diff "$BATS_TEST_TMPDIR/before" -
}

@test "--dry-run prints every statement with its lock and changes nothing; the same refusals" {
    range_table
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${SPLIT_RANGE[@]}" --dry-run
    exited 0
    has "$output" "in use now by: nobody" "CREATE TABLE public.t_feb_4 (" \
        "ATTACH PARTITION public.t_feb_4 FOR VALUES FROM ('2024-02-22') TO ('2024-03-01 00:00:00');" \
        "CREATE INDEX t_feb_4_v_idx ON public.t_feb_4 USING btree (v);" "LOCK TABLE ONLY public.t IN ACCESS EXCLUSIVE MODE;" \
        "lock: SHARE ROW EXCLUSIVE on public.t_feb (blocks writers)" 'DROP TABLE IF EXISTS partdemo_old_1.t_feb;'
    [[ $output != *'${'* && $output != *" nil"* ]]
    run_partdemo run online/detach --table t --partition t_jan --archive kept --dry-run
    exited 0
    has "$output" "ALTER TABLE public.t DETACH PARTITION public.t_jan;" "CREATE TABLE kept (LIKE public.t_jan"
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    sql "CREATE VIEW seen AS SELECT * FROM t_feb"
    run_partdemo "${SPLIT_RANGE[@]}" --dry-run
    exited 4
    has "$stderr" "the view seen"
}

@test "several key columns, one of them text" {
    sql "CREATE TABLE t (u bigint NOT NULL, k text COLLATE \"C\" NOT NULL, v bigint NOT NULL, PRIMARY KEY (k, v, u)) PARTITION BY RANGE (v, k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0, MINVALUE) TO (100, 'm');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         INSERT INTO t SELECT n, chr(97 + n % 26), n % 90 FROM generate_series(1, 3000) AS n"
    run_partdemo run online/split --table t --partition t_1 --at "10,c;50"
    exited 0
    is $'FOR VALUES FROM (\'0\', MINVALUE) TO (\'10\', \'c\')\nFOR VALUES FROM (\'10\', \'c\') TO (\'50\', MINVALUE)\nFOR VALUES FROM (\'50\', MINVALUE) TO (\'100\', \'m\')' \
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname ~ '^t_1_.\$' ORDER BY relname"
    is 3000 "SELECT count(*) FROM t"
    nothing_left
    run_partdemo run online/split --table t --partition t_1 --at "10,c;50"
    exited 0
    has "$output" "already done"
}

@test "a table below another, partitioned by another key" {
    sql "CREATE TABLE top (u bigint NOT NULL, k int NOT NULL, g text NOT NULL, PRIMARY KEY (u, k, g)) PARTITION BY LIST (g);
         CREATE TABLE t PARTITION OF top FOR VALUES IN ('a', 'b') PARTITION BY RANGE (k);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100);
         INSERT INTO top SELECT n, n % 100, 'a' FROM generate_series(1, 2000) AS n"
    run_partdemo run online/split --table t --partition t_1 --at 30
    exited 0
    has "$output" "attached 2 of 2 new partitions without a scan"
    is $'t_1_1|600\nt_1_2|1400' "SELECT tableoid::regclass, count(*) FROM top GROUP BY 1 ORDER BY 1"
    nothing_left
}
