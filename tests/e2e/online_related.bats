#!/usr/bin/env bats
# Online changes of tables that are not alone: partitions of a partition, rows of other tables that refer to theirs.
# Under writers, with a ledger as judge.

load ../lib
load ../online

setup() {
    fresh_db related
}

# LIST and HASH below RANGE. The writers of online.bash know u, k and v: g has a default.
composite_table() {
    sql "CREATE TABLE top (u bigint NOT NULL, k int NOT NULL, v bigint NOT NULL, g int NOT NULL DEFAULT 1,
                           PRIMARY KEY (u, k, g)) PARTITION BY RANGE (k);
         CREATE TABLE low PARTITION OF top FOR VALUES FROM (0) TO (500) PARTITION BY LIST (g);
         CREATE TABLE low_1 PARTITION OF low FOR VALUES IN (1, 3); CREATE TABLE low_2 PARTITION OF low FOR VALUES IN (2);
         CREATE TABLE low_rest PARTITION OF low DEFAULT;
         CREATE TABLE high PARTITION OF top FOR VALUES FROM (500) TO (1000) PARTITION BY HASH (u);
         CREATE TABLE high_0 PARTITION OF high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE high_1 PARTITION OF high FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE INDEX ON top (v);
         INSERT INTO top SELECT n, n % 1000, 0, 1 + n % 3 FROM generate_series(0, 5999) AS n"
}

leaves() {
    sql "SELECT string_agg(relid::text, ',' ORDER BY relid::text) FROM pg_partition_tree('top') WHERE isleaf"
}

@test "leaves of partitions that are partitioned: split by list and by hash, and merged again" {
    composite_table
    ledger top
    writers top "(random() * 999)::int"
    run_partdemo run online/split --table low --partition low_1 --values 3
    exited 0
    has "$output" "attached 2 of 2 new partitions without a scan"
    run_partdemo run online/split --table high --partition high_1
    exited 0
    [[ $(leaves) == high_0,high_1_1,high_1_2,low_1_1,low_1_2,low_2,low_rest ]]
    run_partdemo run online/merge --table low --partitions low_1_1,low_1_2
    exited 0
    run_partdemo run online/merge --table high --partitions high_1_1,high_1_2
    exited 0
    end_writers
    [[ $(leaves) == high_0,high_1,low_1,low_2,low_rest ]]
    as_the_ledger_says top
    nothing_left
}

@test "rows of another table refer to the partition's, and are written, too" {
    sql "CREATE TABLE t (u bigint NOT NULL, k int NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (500);
         CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (500) TO (1000);
         CREATE TABLE child (u bigint PRIMARY KEY, k int NOT NULL,
                             CONSTRAINT refers FOREIGN KEY (u, k) REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
         INSERT INTO t SELECT n, n % 1000, 0 FROM generate_series(0, 5999) AS n;
         INSERT INTO child SELECT u, k FROM t WHERE u % 3 = 0"
    ledger t
    sql "ALTER TABLE ledger ADD child boolean NOT NULL DEFAULT false; UPDATE ledger SET child = u % 3 = 0"
    cat >"$BATS_TEST_TMPDIR/family.sql" <<'SQL'
\set mine :client_id + 4 * random(0, 499)
\set k random(0, 999)
\set what random(1, 4)
\if :what = 1
WITH w AS (UPDATE t SET k = :k, v = v + 1 WHERE u = :mine RETURNING u, k, v)
UPDATE ledger AS l SET k = w.k::text, v = w.v FROM w WHERE l.u = w.u;
\elif :what = 2
WITH w AS (DELETE FROM t WHERE u = :mine RETURNING u)
UPDATE ledger AS l SET gone = true, child = false FROM w WHERE l.u = w.u;
\elif :what = 3
WITH w AS (INSERT INTO t (u, k, v) SELECT u, :k, v + 1 FROM ledger WHERE u = :mine AND gone RETURNING u, k, v)
UPDATE ledger AS l SET k = w.k::text, v = w.v, gone = false FROM w WHERE l.u = w.u;
\else
WITH w AS (INSERT INTO child SELECT u, k FROM t WHERE u = :mine ON CONFLICT DO NOTHING RETURNING u)
UPDATE ledger AS l SET child = true FROM w WHERE l.u = w.u;
\endif
SQL
    start_writers "$BATS_TEST_TMPDIR/family.sql" -R 500
    run_partdemo run online/split --table t --partition t_low --at 250
    exited 0
    run_partdemo run online/merge --table t --partitions t_low_1,t_low_2
    exited 0
    end_writers
    as_the_ledger_says t
    is 0 "SELECT count(*) FROM (SELECT u, k FROM child EXCEPT ALL SELECT u, k::int FROM ledger WHERE child) AS x"
    is 0 "SELECT count(*) FROM (SELECT u, k::int FROM ledger WHERE child EXCEPT ALL SELECT u, k FROM child) AS x"
    is t "SELECT convalidated FROM pg_constraint WHERE conname = 'refers' AND conparentid = 0"
    refused 23503 "INSERT INTO child VALUES (-1, 1)"
    nothing_left
}
