#!/usr/bin/env bats
# The holes of the common recipes: each test has the recipe fall into one. That online/split does not is shown
# beside it, or for the first by every test of online_split.bats.

load ../lib
load ../online

setup() {
    fresh_db naive
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_feb_v ON t_feb (v);
         INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '1 min', 0 FROM generate_series(0, 29999) AS n"
    ledger t
}

KEY="timestamp '2024-01-25' + random() * interval '40 days'"
SPLIT=(run online/split --table t --partition t_feb --at '2024-02-10')
ASIDE="CREATE TABLE one (LIKE t_feb INCLUDING ALL); CREATE TABLE two (LIKE t_feb INCLUDING ALL)"
SWAP="BEGIN; LOCK t; ALTER TABLE t DETACH PARTITION t_feb;
      ALTER TABLE t ATTACH PARTITION one FOR VALUES FROM ('2024-02-01') TO ('2024-02-10');
      ALTER TABLE t ATTACH PARTITION two FOR VALUES FROM ('2024-02-10') TO ('2024-03-01'); COMMIT"

# batches INSERT: the statement with :from and :to, for every 3,000 rows.
batches() {
    local from
    for ((from = 0; from < 30000; from += 3000)); do
        psql -XAtq -v ON_ERROR_STOP=1 -v from="$from" -v to="$((from + 3000))" <<<"$1" || return
    done
}

# The number of rows that are not as the ledger says.
wrong_rows() {
    sql "SELECT (SELECT count(*) FROM (SELECT u, k::text, v FROM t EXCEPT ALL SELECT u, k, v FROM ledger WHERE NOT gone) AS x)
              + (SELECT count(*) FROM (SELECT u, k, v FROM ledger WHERE NOT gone EXCEPT ALL SELECT u, k::text, v FROM t) AS x)"
}

@test "a fill in batches without capture leaves stale rows and ghosts" {
    sql "$ASIDE"
    writers t "$KEY"
    batches "INSERT INTO one SELECT * FROM t_feb WHERE u >= :from AND u < :to AND k < '2024-02-10' ON CONFLICT DO NOTHING;
             INSERT INTO two SELECT * FROM t_feb WHERE u >= :from AND u < :to AND k >= '2024-02-10' ON CONFLICT DO NOTHING;"
    sql "$SWAP"
    end_writers
    (($(wrong_rows) > 0))
}

@test "a trigger that writes twice, with a copy that locks no row, resurrects what was deleted; ours does not" {
    # The window is made wide: the copy has read its rows, and waits before it writes them.
    sql "$ASIDE;
         CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN
             IF TG_OP <> 'INSERT' THEN DELETE FROM one WHERE u = OLD.u AND k = OLD.k; DELETE FROM two WHERE u = OLD.u AND k = OLD.k; END IF;
             IF TG_OP <> 'DELETE' AND NEW.k < '2024-02-10' THEN INSERT INTO one SELECT NEW.*; END IF;
             IF TG_OP <> 'DELETE' AND NEW.k >= '2024-02-10' THEN INSERT INTO two SELECT NEW.*; END IF;
             RETURN NULL; END\$\$;
         CREATE TRIGGER twice AFTER INSERT OR UPDATE OR DELETE ON t_feb FOR EACH ROW EXECUTE FUNCTION twice()"
    sql "WITH rows AS MATERIALIZED (SELECT * FROM t_feb WHERE k < '2024-02-10'), late AS MATERIALIZED (SELECT pg_sleep(1) FROM (SELECT count(*) FROM rows) AS x)
         INSERT INTO one SELECT rows.* FROM rows, late ON CONFLICT DO NOTHING" &
    sleep 0.5
    sql "DELETE FROM t WHERE u < 100; UPDATE ledger SET gone = true WHERE u < 100"
    wait $!
    sql "INSERT INTO two SELECT * FROM t_feb WHERE k >= '2024-02-10' ON CONFLICT DO NOTHING; $SWAP"
    is 100 "SELECT count(*) FROM t WHERE u < 100"

    # The same deletion while a batch of ours waits in the same way.
    sql "ALTER TABLE t DETACH PARTITION one; ALTER TABLE t DETACH PARTITION two; DROP TABLE one, two;
         ALTER TABLE t_feb DISABLE TRIGGER twice; ALTER TABLE t ATTACH PARTITION t_feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"
    is 0 "SELECT count(*) FROM t WHERE u < 100"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT copied > 0 FROM partdemo.runs"
    sql "DELETE FROM t WHERE u >= 100 AND u < 20000; UPDATE ledger SET gone = true WHERE u >= 100 AND u < 20000"
    end_partdemo
    exited 0
    as_the_ledger_says t
    nothing_left
}

@test "IF NOT EXISTS on an index name that is taken leaves the new partition without an index; ours has it" {
    sql "SET client_min_messages = error; ALTER TABLE t_feb RENAME TO t_feb_old; CREATE TABLE t_feb (LIKE t_feb_old);
         CREATE INDEX IF NOT EXISTS t_feb_v ON t_feb (v)"
    is 0 "SELECT count(*) FROM pg_index WHERE indrelid = 't_feb'::regclass"
    sql "DROP TABLE t_feb; ALTER TABLE t_feb_old RENAME TO t_feb"
    run_partdemo "${SPLIT[@]}" --names "t_feb,t_feb_late"
    exited 0
    is $'t_feb_late_v|t_feb_late\nt_feb_v|t_feb' \
        "SELECT indexrelid::regclass, indrelid::regclass FROM pg_index WHERE indexrelid::regclass::text ~ '_v\$' ORDER BY indexrelid::regclass::text"
    is $'1|t_feb_late\n1|t_feb' \
        "SELECT count(*), indrelid::regclass FROM pg_index WHERE indisprimary AND indrelid::regclass::text ~ '^t_feb' GROUP BY 2 ORDER BY indrelid::regclass::text DESC"
}

@test "attaching scans the default partition under the lock; ours is told beforehand" {
    # debug1 says who was spared: nobody in the recipe, each new partition and each look at the default in ours.
    sql "$ASIDE; INSERT INTO one SELECT * FROM t_feb WHERE k < '2024-02-10'; INSERT INTO two SELECT * FROM t_feb WHERE k >= '2024-02-10'"
    sql "SET client_min_messages = debug1; $SWAP" 2>"$BATS_TEST_TMPDIR/naive"
    is 0 "SELECT $(grep -c 'implied by existing constraints' "$BATS_TEST_TMPDIR/naive" || true)"
    grep -q 'verifying table "t_rest"' "$BATS_TEST_TMPDIR/naive"
    sql "ALTER TABLE t DETACH PARTITION one; ALTER TABLE t DETACH PARTITION two; DROP TABLE one, two;
         ALTER TABLE t ATTACH PARTITION t_feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"
    sql "ALTER SYSTEM SET log_min_messages = debug1"
    sql "SELECT pg_reload_conf()" >/dev/null
    local lines
    lines=$(wc -l <"$PG_TEST_DIR/log")
    run_partdemo "${SPLIT[@]}"
    sql "ALTER SYSTEM RESET log_min_messages"
    sql "SELECT pg_reload_conf()" >/dev/null
    exited 0
    tail -n "+$lines" "$PG_TEST_DIR/log" >"$BATS_TEST_TMPDIR/ours"
    [[ $(grep -c 'partition constraint for table "t_feb_.*" is implied' "$BATS_TEST_TMPDIR/ours") == 2 ]]
    [[ $(grep -c 'for default partition "t_rest" is implied' "$BATS_TEST_TMPDIR/ours") == 2 ]]
    as_the_ledger_says t
}

@test "a new serial column begins at 1, and the first insert after the swap fails; ours goes on" {
    sql "CREATE TABLE s (u bigserial PRIMARY KEY, v int); INSERT INTO s (v) SELECT n FROM generate_series(1, 50) AS n;
         CREATE TABLE s_new (u bigserial PRIMARY KEY, v int) PARTITION BY HASH (u);
         CREATE TABLE s_new_0 PARTITION OF s_new FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         INSERT INTO s_new SELECT * FROM s; ALTER TABLE s RENAME TO s_naive; ALTER TABLE s_new RENAME TO s"
    refused 23505 "INSERT INTO s (v) VALUES (0)"
    sql "DROP TABLE s; ALTER TABLE s_naive RENAME TO s"
    run_partdemo run online/migrate --table s --by 'HASH (u)' --modulus 2
    exited 0
    is 51 "INSERT INTO s (v) VALUES (0) RETURNING u"
    nothing_left
}
