#!/usr/bin/env bats
# online/split of a table with a second unique index, whose values move from row to row meanwhile: the copies must
# never hold a value twice for good, in whatever order the changes are applied.

load ../lib
load ../online

setup() {
    fresh_db uniques
}

# A table of 12,000 rows in t_low, whose v is unique beside the key. The CHECK, which the copies have as well, holds
# the batch with u = 9999 up while somebody else has the advisory lock.
unique_table() {
    sql "CREATE FUNCTION gate(u bigint) RETURNS boolean LANGUAGE plpgsql AS \$\$BEGIN
             IF u = 9999 THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
             RETURN true; END\$\$;
         CREATE TABLE t (u bigint NOT NULL CHECK (gate(u)), k int NOT NULL, v bigint NOT NULL,
                         PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (100);
         CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (100) TO (200);
         ALTER TABLE t ADD ${1:-UNIQUE (v, k)};
         INSERT INTO t SELECT n, n % 4, n FROM generate_series(0, 11999) AS n"
}
SPLIT=(run online/split --table t --partition t_low --at 2)

# moved A B: by way of a third value, v of A goes to B and v of B to A, which have the same k; and a new row gets what
# another one beside them had.
moved() {
    sql "BEGIN;
         UPDATE t SET v = -1 WHERE u = $1; UPDATE t SET v = $1 WHERE u = $2; UPDATE t SET v = $2 WHERE u = $1;
         DELETE FROM t WHERE u IN ($1 + 4, $2 + 4);
         INSERT INTO t VALUES (100000 + $1, $1 % 4, $1 + 4), (-100000 - $2, $2 % 4, $2 + 4);
         COMMIT;
         UPDATE ledger SET v = $1 + $2 - v WHERE u IN ($1, $2);
         UPDATE ledger SET gone = true WHERE u IN ($1 + 4, $2 + 4);
         INSERT INTO ledger VALUES (100000 + $1, $1 % 4, $1 + 4, false), (-100000 - $2, $2 % 4, $2 + 4, false)"
}

@test "values move while the copy is half way, and while it waits for the swap" {
    unique_table
    ledger t
    hold "BEGIN; SELECT pg_advisory_xact_lock(1)"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    is t "SELECT copied > 4000 FROM partdemo.runs"
    moved 100 11000
    moved 11200 108
    release
    end_partdemo
    exited 0
    as_the_ledger_says t
    nothing_left

    # Many changes lie between the two lines of one exchange: no portion of the log has both.
    hold "BEGIN; LOCK t_low_1 IN ACCESS SHARE MODE"
    run_partdemo run online/split --table t --partition t_low_1 --at 1 --patience 300ms
    exited 1
    has "$stderr" "The run is kept at the phase 'promised'"
    release
    sql "UPDATE t SET v = -1 WHERE u = 8; UPDATE t SET v = v + 1000000 WHERE k = 0 AND u > 1000 AND u < 11000;
         UPDATE t SET v = -2 WHERE u = 12; UPDATE t SET v = 12 WHERE u = 8; UPDATE t SET v = 8 WHERE u = 12;
         UPDATE ledger SET v = v + 1000000 WHERE k = '0' AND u > 1000 AND u < 11000;
         UPDATE ledger SET v = 20 - v WHERE u IN (8, 12)"
    run_partdemo run online/split --table t --partition t_low_1 --at 1
    exited 0
    as_the_ledger_says t
    nothing_left
}

@test "four writers exchange unique values all the time" {
    unique_table
    ledger t
    sql "CREATE FUNCTION exchange(a bigint, b bigint) RETURNS void LANGUAGE plpgsql AS \$\$
         DECLARE va bigint; vb bigint;
         BEGIN
             SELECT v INTO va FROM t WHERE u = a;
             SELECT v INTO vb FROM t WHERE u = b;
             IF va IS NOT NULL AND vb IS NOT NULL THEN
                 UPDATE t SET v = -1 - a WHERE u = a;
                 UPDATE t SET v = va WHERE u = b;
                 UPDATE t SET v = vb WHERE u = a;
                 UPDATE ledger SET v = va + vb - v WHERE u IN (a, b);
             END IF;
         END\$\$;
         CREATE FUNCTION replace(a bigint) RETURNS void LANGUAGE plpgsql AS \$\$
         DECLARE old t; new bigint := nextval('new_u') * (CASE WHEN random() < 0.5 THEN 1 ELSE -1 END);
         BEGIN
             DELETE FROM t WHERE u = a RETURNING * INTO old;
             IF FOUND THEN
                 INSERT INTO t VALUES (new, old.k, old.v);
                 UPDATE ledger SET gone = true WHERE u = a;
                 INSERT INTO ledger VALUES (new, old.k, old.v, false);
             ELSE
                 INSERT INTO t VALUES (a, a % 4, new);
                 UPDATE ledger SET v = new, gone = false WHERE u = a;
             END IF;
         END\$\$"
    cat >"$BATS_TEST_TMPDIR/exchange.sql" <<'SQL'
\set a :client_id + 4 * random(0, 499)
\set b :client_id + 4 * random(500, 999)
\set what random(1, 10)
\if :what <= 8
SELECT exchange(:a, :b);
\else
SELECT replace(:a);
\endif
SQL
    start_writers "$BATS_TEST_TMPDIR/exchange.sql" -R 500
    run_partdemo "${SPLIT[@]}"
    exited 0
    run_partdemo run online/merge --table t --partitions t_low_1,t_low_2
    exited 0
    end_writers
    as_the_ledger_says t
    nothing_left
}

@test "an exclusion constraint, whose ranges move" {
    sql "CREATE EXTENSION btree_gist"
    unique_table "CHECK (v > -10)"
    sql "ALTER TABLE t_low ADD EXCLUDE USING gist (k WITH =, int8range(v, v + 1) WITH &&)"
    ledger t
    hold "BEGIN; SELECT pg_advisory_xact_lock(1)"
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    moved 100 11000
    release
    end_partdemo
    exited 0
    as_the_ledger_says t
    nothing_left
}
