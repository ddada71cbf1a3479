#!/usr/bin/env bats
# partdemo run online/detach: a partition leaves a table in use, and its rows are in the archive before anything
# is dropped.

load ../lib
load ../online

setup() {
    fresh_db detach
}

# a table of 20,000 rows; those of January are no longer written to.
range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL,
                         twice bigint GENERATED ALWAYS AS (v * 2) STORED, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2025-01-01');
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '2 min', 0 FROM generate_series(0, 9999) AS n;
         INSERT INTO t SELECT n, timestamp '2024-01-01' + (n - 10000) * interval '2 min', n FROM generate_series(10000, 19999) AS n"
}
KEY="timestamp '2024-02-01' + random() * interval '40 days'"
DETACH=(run online/detach --table t --partition t_jan)

is_detached() {
    is t_feb "SELECT string_agg(relid::text, ',') FROM pg_partition_tree('t') WHERE isleaf AND relid::text <> 't_rest'" &&
        nothing_left
}

@test "without a default: CONCURRENTLY, archived with proof and dropped, under writers" {
    range_table
    ledger t
    sql "DELETE FROM ledger WHERE u >= 10000"
    writers t "$KEY"
    run_partdemo "${DETACH[@]}" --archive kept --drop
    exited 0
    has "$output" "without a lock that others need" "10,000 rows, count and content equal" "t_jan is dropped"
    end_writers
    is_detached
    as_the_ledger_says t
    is "10000|149995000|299990000" "SELECT count(*), sum(v), sum(twice) FROM kept"
    is 0 "SELECT count(*) FROM pg_class WHERE relname = 't_jan'"
    run_partdemo "${DETACH[@]}" --archive kept --drop
    exited 0
    has "$output" "already done"
}

@test "with a default: a locked detach that backs out while a reader is there" {
    range_table
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT"
    hold "BEGIN; SELECT count(*) FROM t WHERE k < '2024-02-01'"
    start_partdemo "${DETACH[@]}"
    wait_for sql_true "SELECT phase = 'begun' FROM partdemo.runs"
    sleep 1
    local begun ended
    begun=${EPOCHREALTIME/./}
    sql "INSERT INTO t SELECT 1000000 + n, '2024-02-10', 0 FROM generate_series(1, 100) AS n"
    ended=${EPOCHREALTIME/./}
    ((ended - begun < 500000))
    release
    end_partdemo
    exited 0
    has "$output" "under a lock, because of public.t_rest" "backed out before" "public.t_jan is a table of its own"
    has "$stderr" "holder, idle in transaction"
    is_detached
    is 10000 "SELECT count(*) FROM t_jan"
    is 10100 "SELECT count(*) FROM t"
}

@test "a detach that was interrupted is finalized by the same command" {
    range_table
    hold "BEGIN; SELECT count(*) FROM t"
    start_partdemo "${DETACH[@]}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_inherits WHERE inhdetachpending"
    kill -9 "$PD_PID"
    end_partdemo
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo'" >/dev/null
    release
    is 1 "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
    run_partdemo "${DETACH[@]}"
    exited 0
    has "$output" "a detach that was interrupted is finished"
    is_detached
    is 10000 "SELECT count(*) FROM t_jan"
}

@test "killed again and again, archive and partition hold the same rows in the end" {
    range_table
    sql "INSERT INTO t SELECT n, timestamp '2024-01-01' + n % 30 * interval '1 day', 1 FROM generate_series(20000, 99999) AS n"
    local i
    for i in 1 2 3 4 5 6; do
        start_partdemo "${DETACH[@]}" --archive "\"The Archive\""
        sleep "0.$((i * 8))"
        kill -9 "$PD_PID" 2>/dev/null || true
        end_partdemo
        ((status)) || break
    done
    run_partdemo "${DETACH[@]}" --archive "\"The Archive\""
    exited 0
    is_detached
    is "90000|90000|90000" "SELECT (SELECT count(*) FROM t_jan), count(*), count(DISTINCT u) FROM \"The Archive\""
    is 0 "SELECT count(*) FROM (TABLE t_jan EXCEPT TABLE \"The Archive\") AS x"
}

@test "--abort attaches the partition again, and takes its rows out of the archive" {
    range_table
    sql "CREATE TABLE kept (u bigint, k timestamp, v bigint, twice bigint); INSERT INTO kept VALUES (1, '2023-12-01', 2, 4)"
    local before
    before=$(definitions)
    # A row that somebody wrote to the detached table makes the proof fail: nothing is dropped.
    hold "BEGIN; LOCK kept IN SHARE MODE"
    start_partdemo "${DETACH[@]}" --archive kept --drop
    wait_for sql_true "SELECT phase = 'detached' FROM partdemo.runs"
    kill -9 "$PD_PID"
    end_partdemo
    sql "INSERT INTO kept VALUES (77, '2024-01-05', 3, 6)" &
    release
    wait $!
    run_partdemo "${DETACH[@]}" --archive kept --drop
    exited 4
    has "$stderr" "nothing was dropped" "10,000 rows in the partition, 10,001 in the archive"
    is 10000 "SELECT count(*) FROM t_jan"
    # Which rows are whose is not known when the partition lacks them.
    sql "DELETE FROM t_jan WHERE u < 10010"
    local way
    for way in --dry-run ""; do
        run_partdemo "${DETACH[@]}" --abort --archive kept --drop $way
        exited 4
        has "$stderr" "kept holds 11 rows within the bound that public.t_jan does not have" "Nothing was changed" "SELECT * FROM kept AS t WHERE"
    done
    is 9990 "SELECT count(*) FROM t_jan"
    is 10002 "SELECT count(*) FROM kept"
    sql "DELETE FROM kept WHERE u = 77 OR u >= 10000 AND u < 10010"
    run_partdemo "${DETACH[@]}" --abort --archive kept --drop
    exited 0
    diff <(echo "$before") <(definitions)
    is 19990 "SELECT count(*) FROM t"
    is '1|2023-12-01 00:00:00' "SELECT u, k FROM kept"
    nothing_left
}

# not_back WHY: --abort says so in a dry run and otherwise, and nothing is changed.
not_back() {
    local way
    fingerprint >"$BATS_TEST_TMPDIR/before"
    for way in --dry-run ""; do
        run_partdemo "${DETACH[@]}" --abort --archive kept $way
        exited 4
        has "$stderr" "$1" "Nothing was changed"
        fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    done
}

@test "what keeps --abort from attaching the partition again is said beforehand, with the SQL that moves it" {
    range_table
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT; CREATE TABLE kept (u bigint CHECK (u < 0), k timestamp, v bigint, twice bigint)"
    run_partdemo "${DETACH[@]}" --archive kept
    exited 1
    sql "INSERT INTO t SELECT 900000 + n, '2024-01-05', n FROM generate_series(1, 3) AS n; INSERT INTO t_jan VALUES (-7, '2024-02-05', 1)"
    not_back "public.t_jan holds 1 row out of its bound"
    sql "DELETE FROM t_jan WHERE u = -7"
    not_back "public.t_rest holds 3 rows that belong to public.t_jan"
    local move
    move=$(grep -o 'WITH moved AS .*;' <<<"$stderr")
    sql "$move"
    is 3 "SELECT count(*) FROM t_jan WHERE u > 900000 AND twice = 2 * v"
    sql "CREATE TABLE t_own PARTITION OF t FOR VALUES FROM ('2024-01-10') TO ('2024-01-11')"
    not_back "public.t_own, FOR VALUES FROM ('2024-01-10 00:00:00') TO ('2024-01-11 00:00:00'), has taken a part of the bound of public.t_jan"
    sql "DROP TABLE t_own"
    run_partdemo "${DETACH[@]}" --abort --archive kept
    exited 0
    is "20003|10003" "SELECT count(*), count(*) FILTER (WHERE tableoid = 't_jan'::regclass) FROM t"
    nothing_left
}

@test "rows that come to the default partition during --abort are named, and nobody's rows are refused afterwards" {
    range_table
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT; CREATE TABLE kept (u bigint CHECK (u < 0), k timestamp, v bigint, twice bigint)"
    run_partdemo "${DETACH[@]}" --archive kept
    exited 1
    hold "BEGIN; INSERT INTO t VALUES (900001, '2024-01-05', 1)" # not to be seen yet
    start_partdemo "${DETACH[@]}" --abort --archive kept
    wait_for sql_true "SELECT count(*) > 0 FROM pg_constraint WHERE conname = 'partdemo_bound'"
    sleep 0.3
    release COMMIT
    end_partdemo
    exited 4
    has "$stderr" "public.t_rest holds 1 row that belongs to public.t_jan"
    sql "INSERT INTO t VALUES (900002, '2024-01-06', 1)"
    is 0 "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'partdemo%'"
    sql "$(grep -o 'WITH moved AS .*;' <<<"$stderr")"
    run_partdemo "${DETACH[@]}" --abort --archive kept
    exited 0
    is "20002" "SELECT count(*) FROM t"
    nothing_left
}

@test "refused beforehand: rows without a name, rows that others refer to, an archive with rows of the range, --drop without an archive" {
    range_table
    local before
    before=$(definitions)
    run_partdemo "${DETACH[@]}" --drop
    exited 2
    has "$stderr" "--drop needs --archive"
    sql "CREATE TABLE kept AS SELECT * FROM t_jan LIMIT 1"
    run_partdemo "${DETACH[@]}" --archive kept
    exited 4
    has "$stderr" "kept holds rows within the bound"
    sql "DROP TABLE kept"
    run_partdemo run online/detach --table t --partition t_mar
    exited 4
    has "$stderr" "t has no partition t_mar"
    diff <(echo "$before") <(definitions)
    sql "CREATE TABLE child (u bigint, k timestamp, FOREIGN KEY (u, k) REFERENCES t); INSERT INTO child SELECT u, k FROM t_jan LIMIT 1"
    before=$(definitions)
    run_partdemo "${DETACH[@]}"
    exited 4
    has "$stderr" "rows of other tables refer to rows of public.t_jan" "child_u_k_fkey of child" "Nothing was changed"
    run_partdemo "${DETACH[@]}" --dry-run
    exited 4
    diff <(echo "$before") <(definitions)
    is "" "SELECT to_regnamespace('partdemo')"
    sql "DELETE FROM child"
    run_partdemo "${DETACH[@]}"
    exited 0
    # A partition that is partitioned itself has its rows further below.
    sql "ALTER TABLE t_jan RENAME TO t_jan_1; CREATE TABLE t_jan (LIKE t INCLUDING GENERATED) PARTITION BY RANGE (k);
         ALTER TABLE t_jan ATTACH PARTITION t_jan_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         ALTER TABLE t ATTACH PARTITION t_jan FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         INSERT INTO child SELECT u, k FROM t_jan LIMIT 1"
    run_partdemo "${DETACH[@]}"
    exited 4
    has "$stderr" "rows of other tables refer to rows of public.t_jan" "Nothing was changed"
}

@test "nobody may see more in the archive than in the partition, whatever default privileges say" {
    range_table
    sql "DROP ROLE IF EXISTS its_reader; CREATE ROLE its_reader; ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO its_reader;
         ALTER TABLE t_jan ENABLE ROW LEVEL SECURITY; GRANT INSERT ON t_jan TO its_reader"
    run_partdemo "${DETACH[@]}" --archive kept
    exited 0
    is 'f|t|t' "SELECT has_table_privilege('its_reader', oid, 'SELECT'), has_table_privilege('its_reader', oid, 'INSERT'), relrowsecurity
                  FROM pg_class WHERE relname = 'kept'"
    sql "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM its_reader; DROP OWNED BY its_reader; DROP ROLE its_reader"
}

@test "an archive of columns that have no equality" {
    sql "CREATE TABLE t (u int PRIMARY KEY, doc json, at point) PARTITION BY RANGE (u); CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
         INSERT INTO t VALUES (1, '{\"a\": 1}', '(1,2)')"
    run_partdemo run online/detach --table t --partition t_1 --archive kept
    exited 0
    is '1|{"a": 1}|(1,2)' "SELECT * FROM kept"
    nothing_left
}

@test "the only partition, when it is the default one" {
    sql "CREATE TABLE t (u int PRIMARY KEY) PARTITION BY RANGE (u); CREATE TABLE t_1 PARTITION OF t DEFAULT; INSERT INTO t VALUES (1), (2)"
    run_partdemo run online/detach --table t --partition t_1 --archive kept --drop
    exited 0
    is "2" "SELECT count(*) FROM kept"
    nothing_left
}

@test "--drop says beforehand what the archive will not have, and refuses what would keep the partition from being dropped" {
    range_table
    sql "DROP ROLE IF EXISTS its_reader; CREATE ROLE its_reader; DROP ROLE IF EXISTS its_clerk; CREATE ROLE its_clerk;
         GRANT SELECT ON t_jan TO its_reader; GRANT UPDATE (v) ON t_jan TO its_clerk;
         CREATE INDEX \"Own Index\" ON t_jan (twice); ALTER TABLE t_jan ADD CONSTRAINT positive CHECK (v >= 0), ALTER v SET DEFAULT 7;
         CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER own AFTER INSERT ON t_jan EXECUTE FUNCTION nothing();
         CREATE TRIGGER of_all AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing();
         CREATE TABLE r (id bigint PRIMARY KEY); ALTER TABLE t_jan ADD CONSTRAINT refers FOREIGN KEY (v) REFERENCES r NOT VALID;
         CREATE STATISTICS st (ndistinct) ON u, v FROM t_jan; CREATE POLICY few ON t_jan USING (true); COMMENT ON TABLE t_jan IS 'mine';
         CREATE VIEW seen AS SELECT * FROM t_jan; CREATE FUNCTION uses(t_jan) RETURNS bigint LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE child (u bigint, k timestamp, CONSTRAINT to_january FOREIGN KEY (u, k) REFERENCES t_jan)"
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${DETACH[@]}" --archive kept --drop
    exited 4
    has "$stderr" "public.t_jan could not be dropped" "view seen" "function uses(t_jan)" "constraint to_january on table child"
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    sql "DROP VIEW seen; DROP FUNCTION uses(t_jan); DROP TABLE child"
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${DETACH[@]}" --archive kept --drop --dry-run
    exited 0
    local each lost=("indexes: \"Own Index\", t_jan_pkey, t_jan_v_idx" "constraints: positive, refers" "triggers: own" "policies: few"
        "privileges: SELECT of its_reader, UPDATE (v) of its_clerk" "statistics objects: st" "defaults: v" "generated columns, which become plain ones: twice" "comment: 'mine'")
    for each in "will not have of public.t_jan" "${lost[@]}"; do
        has "$stderr" "$each"
    done
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    # An archive that is there has some of it.
    sql "CREATE TABLE kept (LIKE t_jan INCLUDING CONSTRAINTS INCLUDING DEFAULTS); CREATE INDEX ON kept (v); GRANT SELECT ON kept TO its_reader"
    run_partdemo "${DETACH[@]}" --archive kept --drop
    exited 0
    has "$stderr" "indexes: \"Own Index\", t_jan_pkey" "privileges: UPDATE (v) of its_clerk"
    [[ $stderr != *t_jan_v_idx* ]]
    [[ $stderr != *positive* ]]
    [[ $stderr != *its_reader* ]]
    [[ $stderr != *defaults* ]]
    is 10000 "SELECT count(*) FROM kept"
    is "" "SELECT to_regclass('t_jan')"
    nothing_left
    sql "DROP OWNED BY its_reader, its_clerk; DROP ROLE its_reader, its_clerk"
}
