#!/usr/bin/env bats
# partdemo run online/convert while others write: the plain table becomes a partition of the one that takes its name, not a
# row is copied or missing, everything that hung on the table hangs on the new one, and whatever ends the run, the
# same command goes on.

load ../lib
load ../online
load ../convert

setup_file() {
    pg_start "autovacuum = off" "wal_level = logical"
}

teardown_file() { pg_stop; }

setup() {
    fresh_db convert
}

teardown() { stop_writers; }

@test "range: under four writers, with further partitions" {
    range_table
    local file
    file=$(sql "SELECT pg_relation_filenode('t')")
    ledger t
    writers t "$RANGE_KEY" -M prepared
    run_partdemo "${RANGE[@]}"
    exited 0
    has "$output" "attached 1 of 1 table without a scan" "online/convert: done" "rows out of this bound are refused"
    end_writers
    is_whole
    as_the_ledger_says t
    is "$file" "SELECT pg_relation_filenode('t_hist')"
    sql "INSERT INTO t VALUES (-1, '2025-01-05', 1)"
    is t_2025_01 "SELECT tableoid::regclass FROM t WHERE u = -1"
    refused 23514 "INSERT INTO t VALUES (-2, '2025-03-05', 1)"
    run_partdemo "${RANGE[@]}"
    exited 0
    has "$output" "already done, nothing was changed"
    run_partdemo "${RANGE[@]}" --until 2024-11-01
    exited 4
    has "$stderr" "public.t is partitioned already: RANGE (k)"
}

@test "list: by the values that it has; as the default partition when none are given" {
    plain_table text "(ARRAY['US', 'CA', 'it''s', 'MX'])[1 + n % 4]"
    ledger t
    writers t "(ARRAY['US', 'CA', 'it''s', 'MX'])[1 + floor(random() * 4)]"
    run_partdemo run online/convert --table t --by 'LIST (k)' --values "US,CA,MX,it's;FR;DE,IT" --default
    exited 0
    has "$output" "attached 1 of 1 table without a scan"
    end_writers
    tree $'t_de|FOR VALUES IN (\'DE\', \'IT\')\nt_default|DEFAULT\nt_fr|FOR VALUES IN (\'FR\')\nt_hist|FOR VALUES IN (\'US\', \'CA\', \'MX\', \'it\'\'s\')'
    as_the_ledger_says t
    nothing_left
    sql "DROP TABLE t; CREATE TABLE t (u bigint PRIMARY KEY, k text, v bigint NOT NULL); INSERT INTO t SELECT n, NULL, 0 FROM generate_series(0, 1999) AS n"
    run_partdemo run online/convert --table t --by 'LIST (k)' --name t_rest --widen
    exited 4 # the primary key would make the key NOT NULL
    has "$stderr" "at least 1,000 rows of public.t cannot be in a partition DEFAULT" "SELECT * FROM public.t WHERE (k IS NOT NULL) IS NOT TRUE;"
    nothing_left
    sql "ALTER TABLE t DROP CONSTRAINT t_pkey"
    run_partdemo run online/convert --table t --by 'LIST (k)' --name t_rest
    exited 0
    has "$output" "t_rest becomes the default partition"
    tree 't_rest|DEFAULT'
    is 2000 "SELECT count(*) FROM t WHERE k IS NULL"
    nothing_left
}

@test "hash: one remainder of one, under four writers" {
    plain_table int n
    ledger t
    writers t "(random() * 10000)::int"
    run_partdemo run online/convert --table t --by 'HASH (k)'
    exited 0
    has "$output" "attached 1 of 1 table without a scan"
    end_writers
    tree 't_hist|FOR VALUES WITH (modulus 1, remainder 0)'
    as_the_ledger_says t
    nothing_left
    run_partdemo run online/split --table t --partition t_hist
    exited 0
    as_the_ledger_says t
}

@test "as the default partition, with further ranges; several key columns" {
    range_table
    run_partdemo run online/convert --table t --by 'RANGE (k)' --as-default --at 2025-01-01,2025-02-01 --name old
    exited 0
    has "$output" "attached 1 of 1 table without a scan"
    tree $'old|DEFAULT\nt_2025_01|FOR VALUES FROM (\'2025-01-01 00:00:00\') TO (\'2025-02-01 00:00:00\')'
    nothing_left
    sql "DROP TABLE t; CREATE TABLE t (a text NOT NULL, b int NOT NULL); INSERT INTO t VALUES ('a', 1), ('m', 5)"
    run_partdemo run online/convert --table t --by 'RANGE (a, b)' --from a --until m,6 --at 'n,2;p' --names x,y
    exited 0
    tree $'t_hist|FOR VALUES FROM (\'a\', MINVALUE) TO (\'m\', 6)\nx|FOR VALUES FROM (\'m\', 6) TO (\'n\', 2)\ny|FOR VALUES FROM (\'n\', 2) TO (\'p\', MINVALUE)'
}

@test "everything that hangs on a table of odd names is the new one's; identity, serial and views go on" {
    rich_table
    local before seq views
    one_definition '"Odd s"."Big ""t"' >"$BATS_TEST_TMPDIR/before"
    seq=$(sequences)
    views=$(sql "SELECT c.relname, c.relacl, c.reloptions, obj_description(c.oid), pg_get_viewdef(c.oid) FROM pg_class AS c WHERE relname IN ('v', 'vv') ORDER BY 1")
    # A unique index lacks the key: nothing is done before that is said to be wanted.
    before=$(definitions)
    run_partdemo "${RICH[@]}"
    exited 4
    has "$stderr" "the unique index mails: it lacks the key column at" "--widen adds at to it"
    diff <(echo "$before") <(definitions)
    run_partdemo "${RICH[@]}" --widen
    exited 0
    has "$output" "made wider by the key" "BEFORE triggers see a row when its partition is chosen already"
    one_definition '"Odd s"."Big ""t"' >"$BATS_TEST_TMPDIR/after"
    # What differs is what was asked for: the index is wider, and options are the leaves'.
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" >"$BATS_TEST_TMPDIR/diff" || true
    has "$(grep '^<' "$BATS_TEST_TMPDIR/diff")" "fillfactor=80" "(lower(email) DESC) INCLUDE (amount, at) WHERE"
    has "$(grep '^>' "$BATS_TEST_TMPDIR/diff")" "(lower(email) DESC, at) INCLUDE (amount) WHERE"
    # Statistics differ in the numbers of their columns, as the new table has no dropped one.
    [[ $(grep '^[<>]' "$BATS_TEST_TMPDIR/diff" | grep -vc '^[<>] statistics') == 4 ]]
    is '7|amount, gone' "SELECT stxstattarget, pg_get_statisticsobjdef_columns(oid) FROM pg_statistic_ext WHERE stxrelid = '\"Odd s\".\"Big \"\"t\"'::regclass"
    diff <(echo "$seq") <(sequences)
    diff <(echo "$views") <(sql "SELECT c.relname, c.relacl, c.reloptions, obj_description(c.oid), pg_get_viewdef(c.oid) FROM pg_class AS c WHERE relname IN ('v', 'vv') ORDER BY 1")
    is 'Big "t_amount|Big "t_pkey|mails|uq' \
        "SELECT string_agg(c.relname, '|' ORDER BY c.relname COLLATE \"C\") FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
          WHERE indrelid = '\"Odd s\".\"Big \"\"t\"'::regclass"
    is stx "SELECT stxname FROM pg_statistic_ext WHERE stxrelid = '\"Odd s\".\"Big \"\"t\"'::regclass"
    # A further partition is as the old table was: options, owner, privileges, policies.
    is 'its_owner|{fillfactor=80}|t|t|1|t' \
        "SELECT c.relowner::regrole, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid),
                c.relacl @> h.relacl AND h.relacl @> c.relacl FROM pg_class AS c, pg_class AS h WHERE c.relname = 'Big \"t_2026_12' AND h.relname = 'Big \"t_hist'"
    # The next numbers are those that would have come: of the identity's cache of three, two went with a session.
    is '1007|1001' "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, amount) VALUES ('2027-01-05', 1) RETURNING id, s"
    is 1001 "SELECT count(*) FROM vv"
    refused 44000 "UPDATE v SET \"A\" = 6000"
    refused 23514 "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, amount) VALUES ('2027-01-05', -1)"
    refused 23503 "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, cust) VALUES ('2027-01-05', 77)"
    sql "DELETE FROM customers WHERE id = 2"
    is 501 "SELECT count(*) FROM v"
    nothing_left
    sql "DROP TABLE \"Odd s\".\"Big \"\"t\" CASCADE"
    is 0 "SELECT count(*) FROM pg_class WHERE relnamespace = '\"Odd s\"'::regnamespace"
}

named_like_ours() {
    sql "SET client_min_messages = warning; DROP TABLE IF EXISTS partdemo_t; CREATE TABLE partdemo_t (u int PRIMARY KEY, k int NOT NULL CONSTRAINT partdemo_check CHECK (k > 0));
         CREATE UNIQUE INDEX partdemo_some ON partdemo_t (u) INCLUDE (k) TABLESPACE its_place WHERE k > 7;
         CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER partdemo_capture_it AFTER INSERT ON partdemo_t FOR EACH ROW EXECUTE FUNCTION nothing();
         ALTER TABLE partdemo_t DISABLE TRIGGER partdemo_capture_it; INSERT INTO partdemo_t SELECT n, n FROM generate_series(1, 99) AS n"
}

@test "names that begin like partdemo's own; a partial unique index in a tablespace; a deferrable one is refused" {
    sql "DROP TABLESPACE IF EXISTS its_place" 2>/dev/null || true
    PGOPTIONS="-c allow_in_place_tablespaces=on" sql "CREATE TABLESPACE its_place LOCATION ''"
    named_like_ours
    local before change indexes="SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), spcname FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
        LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace WHERE indrelid = 'partdemo_t'::regclass ORDER BY 1"
    before=$(definitions)
    run_partdemo run online/convert --table partdemo_t --by 'HASH (k)' --widen --keep-old
    exited 0
    is "partdemo_t_pkey|CREATE UNIQUE INDEX partdemo_t_pkey ON ONLY public.partdemo_t USING btree (u, k)|
partdemo_some|CREATE UNIQUE INDEX partdemo_some ON ONLY public.partdemo_t USING btree (u, k) WHERE (k > 7)|its_place" "$indexes"
    is 'D|2' "SELECT min(tgenabled), count(*) FROM pg_trigger WHERE tgname = 'partdemo_capture_it'"
    run_partdemo run online/convert --table partdemo_t --by 'HASH (k)' --widen --undo
    exited 0
    diff <(echo "$before") <(definitions)
    for change in "migrate --modulus 1" convert; do
        # shellcheck disable=SC2086 # words
        run_partdemo run online/$change --table partdemo_t --by 'HASH (u)'
        exited 0
        is 2 "SELECT count(*) FROM pg_index WHERE indrelid = 'partdemo_t'::regclass"
        is 1 "SELECT count(*) FROM pg_constraint WHERE conrelid = 'partdemo_t'::regclass AND conname = 'partdemo_check'"
        is D "SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'partdemo_t'::regclass AND tgname = 'partdemo_capture_it'"
        nothing_of_runs
        named_like_ours
    done
    sql "ALTER TABLE partdemo_t DROP CONSTRAINT partdemo_t_pkey, ADD UNIQUE (u) DEFERRABLE"
    run_partdemo run online/convert --table partdemo_t --by 'HASH (k)' --widen
    exited 4
    has "$stderr" "the constraint partdemo_t_u_key: it is deferrable, and cannot be made wider beside writers"
    sql "DROP TABLE partdemo_t"
    sql "DROP TABLESPACE its_place"
}

# nothing_of_runs: as nothing_left, with tables whose names begin like those.
nothing_of_runs() {
    is 0 "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^partdemo') + (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^partdemo_(capture|guard)_\\d')
               + (SELECT count(*) FROM pg_constraint WHERE conname ~ '^partdemo_(bound|promise)') + (SELECT count(*) FROM pg_index WHERE NOT indisvalid)"
}

@test "foreign keys of other tables refer to the new table, and are validated" {
    plain_table int n
    sql "CREATE TABLE child (u bigint, k int, CONSTRAINT to_t FOREIGN KEY (u, k) REFERENCES t ON DELETE CASCADE);
         COMMENT ON CONSTRAINT to_t ON child IS 'c'; INSERT INTO child SELECT u, k FROM t WHERE u < 10"
    run_partdemo run online/convert --table t --by 'HASH (k)'
    exited 0
    is 'FOREIGN KEY (u, k) REFERENCES t(u, k) ON DELETE CASCADE|t|c' \
        "SELECT pg_get_constraintdef(oid), convalidated, obj_description(oid) FROM pg_constraint WHERE conrelid = 'child'::regclass AND conparentid = 0 AND contype = 'f'"
    refused 23503 "INSERT INTO child VALUES (-1, 0)"
    sql "DELETE FROM t WHERE u = 3"
    is 9 "SELECT count(*) FROM child"
}

@test "what cannot be carried over is listed beforehand, with the SQL that moves it" {
    range_table
    sql "CREATE TABLE other (u bigint, k timestamp, FOREIGN KEY (u, k) REFERENCES t);
         ALTER TABLE t ADD CONSTRAINT only_u UNIQUE (u), ADD CONSTRAINT here CHECK (v > -5) NO INHERIT;
         CREATE TABLE child (u bigint REFERENCES t (u));
         ALTER TABLE t ADD CONSTRAINT later CHECK (v > -9) NOT VALID;
         CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER tt AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION noted();
         CREATE RULE r AS ON DELETE TO t WHERE v = 7 DO INSTEAD NOTHING;
         CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;
         CREATE VIEW whole AS SELECT t FROM t;
         CREATE VIEW grouped AS SELECT u, k, v FROM t GROUP BY u, k;
         CREATE VIEW target AS SELECT 1 AS u; CREATE RULE into_t AS ON INSERT TO target DO INSTEAD INSERT INTO t VALUES (NEW.u, '2024-01-01', 0);
         CREATE FUNCTION counted() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM t; END;
         CREATE TABLE typed (one t);
         CREATE PUBLICATION p FOR TABLE t"
    local before
    before=$(definitions)
    run_partdemo "${RANGE[@]}"
    exited 4
    has "$stderr" "public.t cannot be replaced as it is" \
        "the constraint only_u: it lacks the key column k" "--widen adds k to it" \
        "the constraint here of t: NO INHERIT" \
        "the foreign key child_u_fkey of child: a foreign key to a partitioned table has to have its key: (k)" \
        "the constraint later of public.t: it was never validated" "ALTER TABLE public.t VALIDATE CONSTRAINT later;" \
        "the trigger tt: a row trigger of a partitioned table has no transition tables" \
        "the rule r: rules are not carried over" "DROP RULE into_t ON target;" \
        "the materialized view m: it cannot be made again" \
        "view whole: it has the type of the table's rows" "the view grouped: its GROUP BY depends on the primary key" \
        "function counted(): it depends on the table" "table typed: it has the type" \
        "the publication p: subscribers would have to know" "ALTER PUBLICATION p DROP TABLE public.t;"
    [[ $stderr != *other_u_k_fkey* ]]
    diff <(echo "$before") <(definitions)
    sql "CREATE TABLE kid () INHERITS (t); CREATE VIEW w AS SELECT u FROM t"
    run_partdemo "${RANGE[@]}" --widen
    exited 4
    has "$stderr" "the table public.t: other tables inherit from it" "the foreign key child_u_fkey"
    [[ $stderr != *only_u* ]]
    run_partdemo "${RANGE[@]/#t/w}"
    exited 4
    has "$stderr" "w is a view"
    sql "ALTER TABLE other ADD PRIMARY KEY (u); ALTER TABLE other ADD up bigint REFERENCES other"
    run_partdemo run online/convert --table other --by 'HASH (u)'
    exited 4
    has "$stderr" "the foreign key other_up_fkey of other: it refers to its own table"
    run_partdemo run online/convert --table other --by 'HASH ((u + 1))'
    exited 4
    has "$stderr" "there is no uniqueness across partitions when an expression is in the key"
}

@test "wrong words are refused before anything is touched" {
    range_table
    sql "CREATE TABLE taken (a int)"
    local before words
    before=$(definitions)
    while IFS='|' read -r words expected; do
        eval "run_partdemo run online/convert --table t $words"
        exited 2
        has "$stderr" "$expected"
    done <<'WORDS'
--by "RANGE (k)"|--until says where the range of the table ends
--by "RANGE (nope)" --until 1|column "nope" named in partition key does not exist
--by "RANGE (k)" --until soon|invalid input syntax for type timestamp: "soon"
--by "RANGE (k)" --until 2024-12-01 --at 2024-11-01|empty range bound
--by "RANGE (k); DROP TABLE t" --until 2024-12-01|takes a key as PARTITION BY does
--by "HASH (k)" --until 2024-12-01|--until is not for hash partitions
--by "HASH (k)" --as-default|--as-default is not for hash partitions
--by "LIST (k)" --default|the table itself becomes the default partition
--by "RANGE (k)" --until 2024-12-01 --values a|--values is not for range partitions
--by "RANGE (k)" --until 2024-12-01 --name t|t is the name of the table itself
--by "RANGE (k)" --until 2024-12-01 --at 2025-01-01 --names a,b|--names takes 1 names
--by "RANGE (k)" --until 2024-12-01,2025-01-01|--until takes one value
--by "RANGE (k)" --until 2024-12-01 --from ,|--from takes one value
--by "RANGE (k)" --until 2024-12-01 --from 2025-01-01|--until: empty range bound
--by "LIST (k)" --values ,|--values: syntax error
WORDS
    run_partdemo run online/convert --table t --by 'RANGE (k)' --until 2024-12-01 --name taken
    exited 4
    has "$stderr" "there is a relation public.taken already"
    run_partdemo run online/convert --table nothing --by 'RANGE (k)' --until 2024-12-01
    exited 4
    has "$stderr" "there is no table nothing"
    diff <(echo "$before") <(definitions)
    nothing_left
}

@test "--dry-run prints every statement with its lock and changes nothing; the same refusals" {
    range_table
    sql "CREATE VIEW w AS SELECT * FROM t; ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (u)"
    local before
    before=$(fingerprint)
    run_partdemo "${RANGE[@]}" --widen --dry-run
    exited 0
    has "$output" "PARTITION BY RANGE (k)" "CREATE TABLE public.t_2024_12 PARTITION OF public.t_new" \
        "CREATE UNIQUE INDEX CONCURRENTLY partdemo_wider_" "ALTER TABLE public.t RENAME TO t_hist;" \
        "ALTER TABLE public.t ATTACH PARTITION public.t_hist FOR VALUES FROM (MINVALUE) TO ('2024-12-01');" \
        "CREATE OR REPLACE VIEW public.w" "in use now by: nobody" "lock:"
    run_partdemo "${RANGE[@]}" --dry-run
    exited 4
    has "$stderr" "the primary key t_pkey: it lacks the key column k"
    diff <(echo "$before") <(fingerprint)
}
