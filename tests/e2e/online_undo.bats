#!/usr/bin/env bats
# --keep-old and --undo of online changes: what was replaced takes its place again, and no row that was written
# since the swap is lost, doubled, stale or resurrected.

load ../lib
load ../online
load ../online_rich

setup() {
    fresh_db undo
}

KEY="timestamp '2024-01-25' + random() * interval '40 days'"
SPLIT=(run online/split --table t --partition t_feb --at '2024-02-08,2024-02-15')

range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, timestamp '2024-01-25' + n * interval '10 min', 0 FROM generate_series(0, 5999) AS n"
}

leaves() {
    sql "SELECT string_agg(relid::text, ',' ORDER BY relid::text) FROM pg_partition_tree('t') WHERE isleaf"
}

@test "a split is undone under writers: every write since the swap is there" {
    range_table
    local before
    before=$(definitions)
    ledger t
    writers t "$KEY" -R 1500
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    has "$output" "--undo swaps back"
    [[ $(leaves) == t_feb_1,t_feb_2,t_feb_3,t_jan,t_rest ]]
    is kept "SELECT phase FROM partdemo.runs"
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    run_partdemo "${SPLIT[@]}" --undo --dry-run
    exited 0
    has "$output" "ALTER TABLE partdemo_old_1.t_feb SET SCHEMA" "LOCK TABLE ONLY public.t IN ACCESS EXCLUSIVE MODE"
    is kept "SELECT phase FROM partdemo.runs"
    sleep 0.5
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    has "$output" "attached 1 of 1 new partition without a scan"
    end_writers
    [[ $(leaves) == t_feb,t_jan,t_rest ]]
    as_the_ledger_says t
    nothing_left
    sql "DROP TABLE ledger; DROP SEQUENCE new_u"
    diff <(echo "$before") <(definitions)
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    has "$output" "already done"
}

@test "a run that an older partdemo began gets what it needs" {
    range_table
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    sql "DROP FUNCTION partdemo.hangs"
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    [[ $(leaves) == t_feb,t_jan,t_rest ]]
    nothing_left
}

@test "without --undo the same command ends the run and drops what was kept" {
    range_table
    ledger t
    writers t "$KEY" -R 1500
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    run_partdemo "${SPLIT[@]}"
    exited 0
    end_writers
    [[ $(leaves) == t_feb_1,t_feb_2,t_feb_3,t_jan,t_rest ]]
    as_the_ledger_says t
    nothing_left
    is 0 "SELECT count(*) FROM pg_class WHERE relname = 't_feb'"
    run_partdemo "${SPLIT[@]}" --undo
    exited 4
    has "$stderr" "nothing is kept to go back to"
}

@test "a merge is undone: rows go back to the partitions that they belong to" {
    range_table
    ledger t
    writers t "$KEY" -R 1500
    local merge=(run online/merge --table t --partitions "t_jan,t_feb" --name t_early)
    run_partdemo "${merge[@]}" --keep-old
    exited 0
    [[ $(leaves) == t_early,t_rest ]]
    sleep 0.5
    run_partdemo "${merge[@]}" --undo
    exited 0
    has "$output" "attached 2 of 2 new partitions without a scan"
    end_writers
    [[ $(leaves) == t_feb,t_jan,t_rest ]]
    as_the_ledger_says t
    nothing_left
}

@test "a default partition that was split, and whose name another one has now, comes back" {
    range_table
    ledger t
    writers t "$KEY" -R 1500
    local split=(run online/split --table t --partition t_rest --at "2024-03-01,2024-03-04")
    run_partdemo "${split[@]}" --keep-old
    exited 0
    [[ $(leaves) == t_2024_03_01,t_feb,t_jan,t_rest ]]
    sleep 0.3
    run_partdemo "${split[@]}" --undo
    exited 0
    end_writers
    [[ $(leaves) == t_feb,t_jan,t_rest ]]
    is $'t_rest_pkey\nt_rest_v_idx' \
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 't_rest'::regclass ORDER BY 1"
    as_the_ledger_says t
    nothing_left
}

@test "triggers come back in the state that they had, and did not touch what was kept" {
    range_table
    sql "CREATE FUNCTION louder() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NEW.v + 100; RETURN NEW; END';
         CREATE TRIGGER above BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION louder();
         CREATE TRIGGER own BEFORE INSERT ON t_feb FOR EACH ROW EXECUTE FUNCTION louder();
         CREATE TRIGGER off BEFORE INSERT ON t_feb FOR EACH ROW EXECUTE FUNCTION louder();
         ALTER TABLE t_feb ENABLE ALWAYS TRIGGER own, DISABLE TRIGGER off, DISABLE TRIGGER above;
         CREATE TABLE child (u bigint, k timestamp, CONSTRAINT refers FOREIGN KEY (u, k) REFERENCES t ON DELETE CASCADE);
         INSERT INTO child SELECT u, k FROM t WHERE u % 10 = 0"
    local before
    before=$(definitions)
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    sql "INSERT INTO t VALUES (-1, '2024-02-09', 0); UPDATE t SET v = 7 WHERE u = 1500; DELETE FROM t WHERE u = 2000"
    is 0 "SELECT count(*) FROM child WHERE u = 2000"
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    is $'-1|100\n1500|7' "SELECT u, v FROM t_feb WHERE v <> 0 ORDER BY u"
    is 0 "SELECT count(*) FROM t WHERE u = 2000"
    # Before 18 PostgreSQL does not say of its copies of a foreign key that they were validated with it.
    diff <(echo "$before" | grep -v child_u_k) <(definitions | grep -v child_u_k)
    is t "SELECT convalidated FROM pg_constraint WHERE conname = 'refers' AND conparentid = 0"
    nothing_left
}

@test "killed at several times on the way back, the same command goes on" {
    range_table
    ledger t
    writers t "$KEY" -R 1500
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    local i
    for i in 1 2 3 4 5 6 7; do
        start_partdemo "${SPLIT[@]}" --undo
        sleep "0.0$((1 + i))"
        kill -9 "$PD_PID" 2>/dev/null || true
        end_partdemo
        ((status)) || break
    done
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    end_writers
    [[ $(leaves) == t_feb,t_jan,t_rest ]]
    as_the_ledger_says t
    nothing_left
}

@test "what makes the way back impossible is said, and nothing is touched" {
    range_table
    run_partdemo "${SPLIT[@]}" --undo
    exited 0 # t_feb is there
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    local more
    for more in "" --keep-old; do
        # shellcheck disable=SC2086 # nothing or a word
        run_partdemo "${SPLIT[@]}" $more --abort
        exited 4
        has "$stderr" "in place already" "--undo swaps back; the same command without --abort and --keep-old ends the run"
    done
    run_partdemo run online/split --table t --partition t_feb_1 --at 2024-02-03
    exited 4
    has "$stderr" "another run is in the way"
    refused 55006 "TRUNCATE t"
    sql "ALTER TABLE t_feb_2 DISABLE TRIGGER ALL; ALTER TABLE t_feb_2 ENABLE TRIGGER ALL"
    local way
    for way in --dry-run ""; do
        run_partdemo "${SPLIT[@]}" --undo $way
        exited 4
        has "$stderr" "the capture of changes was altered since the swap"
    done
    sql "ALTER TABLE t_feb_2 ENABLE ALWAYS TRIGGER partdemo_capture_1; ALTER TABLE t_feb_2 ENABLE ALWAYS TRIGGER partdemo_guard_1;
         ALTER TABLE t ADD COLUMN more int"
    run_partdemo "${SPLIT[@]}" --undo
    exited 4
    has "$stderr" "not defined any more as what is kept" "more"
    sql "ALTER TABLE t DROP COLUMN more"
    run_partdemo "${SPLIT[@]}" --undo
    exited 0
    nothing_left
    is 6000 "SELECT count(*) FROM t"
    run_partdemo "${SPLIT[@]}"
    exited 0
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 4
}

@test "a migration is undone under writers: every write since the swap is there" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u)) PARTITION BY HASH (u);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(0, 5999) AS n"
    local before migrate=(run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01" --default --widen)
    before=$(definitions)
    ledger t
    writers t "date '2024-01-01' + floor(random() * 90)::int" -R 800
    run_partdemo "${migrate[@]}" --keep-old
    exited 0
    [[ $(leaves) == t_2024_01,t_default ]]
    run_partdemo "${migrate[@]}" --keep-old
    exited 0
    refused 55006 "TRUNCATE t_default"
    sleep 0.3
    run_partdemo "${migrate[@]}" --undo
    exited 0
    end_writers
    [[ $(leaves) == t_0,t_1 ]]
    as_the_ledger_says t
    nothing_left
    sql "DROP TABLE ledger; DROP SEQUENCE new_u"
    diff <(echo "$before") <(definitions)
    run_partdemo "${migrate[@]}" --undo
    exited 0
    has "$output" "already done"
}

@test "a plain table with everything on it is what it was after a migration and its way back" {
    rich_table
    local before migrate=(run online/migrate --table '"Odd Schema"."My ""Events"""' --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01")
    before=$(definitions)
    run_partdemo "${migrate[@]}" --keep-old
    exited 0
    sql 'INSERT INTO "Odd Schema"."My ""Events""" ("k", v) VALUES ('"'2024-01-01', 1); "'UPDATE "Odd Schema"."My ""Events""" SET v = 0 WHERE v = 9;
         DELETE FROM "Odd Schema".region WHERE code = '"'us'"
    run_partdemo "${migrate[@]}" --undo --dry-run
    exited 0
    run_partdemo "${migrate[@]}" --undo
    exited 0
    diff <(echo "$before") <(definitions)
    is 3001 'SELECT count(*) FROM "Odd Schema"."My ""Events"""'
    is t 'INSERT INTO "Odd Schema"."My ""Events""" ("k", v) VALUES ('"'2024-01-01', 1) RETURNING u > 15000 AND s = 3002"
    is "$(sql 'SELECT count(*) FROM "Odd Schema"."My ""Events""" WHERE v > 5')" "SELECT n FROM above"
    nothing_left
}

@test "killed on the way to and from a migration, the same command goes on" {
    sql "CREATE TABLE t (u bigint NOT NULL, k date NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k));
         INSERT INTO t SELECT n, date '2024-01-01' + n % 90, 0 FROM generate_series(0, 5999) AS n"
    local way migrate=(run online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01" --default)
    ledger t
    writers t "date '2024-01-01' + floor(random() * 90)::int" -R 800
    for way in --keep-old --undo; do
        killed_at "02 05 09 14 20 30" "${migrate[@]}" "$way"
    done
    ((HITS >= 2))
    end_writers
    is r "SELECT relkind FROM pg_class WHERE oid = 't'::regclass"
    as_the_ledger_says t
    nothing_left
}

@test "a way back that cannot be gone any more is given up with --abort: the table stays as it is" {
    range_table
    run_partdemo "${SPLIT[@]}" --keep-old
    exited 0
    hold "BEGIN; LOCK t IN ACCESS SHARE MODE"
    run_partdemo "${SPLIT[@]}" --undo --patience 200ms
    exited 1
    release
    sql "ALTER TABLE t_feb_1 ALTER v SET STATISTICS 200"
    run_partdemo "${SPLIT[@]}" --undo
    exited 4
    has "$stderr" "--abort"
    run_partdemo "${SPLIT[@]}"
    exited 2
    has "$stderr" "on its way back" "--abort gives up the way back"
    run_partdemo "${SPLIT[@]}" --abort
    exited 0
    [[ $(leaves) == t_feb_1,t_feb_2,t_feb_3,t_jan,t_rest ]]
    is 6000 "SELECT count(*) FROM t"
    nothing_left
}

@test "with --keep-old no row of the old table holds up those who delete what it refers to" {
    sql "CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 10);
         CREATE TABLE t (u int PRIMARY KEY, uid int REFERENCES users); INSERT INTO t SELECT n, n FROM generate_series(1, 10) AS n"
    run_partdemo run online/migrate --table t --by 'HASH (u)' --modulus 2 --keep-old
    exited 0
    sql "DELETE FROM t WHERE u = 7; DELETE FROM users WHERE id = 7"
    refused 23503 "DELETE FROM users WHERE id = 6"
    run_partdemo run online/migrate --table t --by 'HASH (u)' --modulus 2 --undo
    exited 0
    refused 23503 "DELETE FROM users WHERE id = 6"
    is "9|t" "SELECT (SELECT count(*) FROM t), convalidated FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'f'"
    nothing_left
}
