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

teardown() {
    [[ -z ${WRITERS_PID:-} ]] || stop_writers
}

# Rows whose u is below 2000 belong to the writers, u % 4 tells to which one.
ROWS="SELECT n, %s, 0 FROM generate_series(0, 5999) AS n"

range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_v ON t (v);
         INSERT INTO t $(printf "$ROWS" "timestamp '2024-01-25' + n * interval '10 min'")"
}
RANGE_KEY="timestamp '2024-01-25' + random() * interval '40 days'"
SPLIT_RANGE=(run online/split --table t --partition t_feb --at 2024-02-08,2024-02-15,2024-02-22)

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
    writers t "$RANGE_KEY" 4 -M prepared
    run_partdemo "${SPLIT_RANGE[@]}"
    exited 0
    has "$output" "took 4 of 4 new partitions unseen" "online/split: done"
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
         INSERT INTO t $(printf "$ROWS" "(ARRAY['US', 'CA', 'it''s', 'MX', 'DE'])[1 + n % 5]")"
    ledger t
    writers t "(ARRAY['US', 'CA', 'it''s', 'MX', 'DE'])[1 + floor(random() * 5)]" 4
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
         INSERT INTO t $(printf "$ROWS" "n")"
    ledger t
    writers t "(random() * 10000)::int" 4
    run_partdemo run online/split --table t --partition t_1
    exited 0
    has "$output" "took 2 of 2 new partitions unseen"
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
    writers t "$RANGE_KEY" 4
    run_partdemo run online/split --table t --partition t_rest --at 2024-03-01,2024-03-04
    exited 0
    has "$output" "took 2 of 2 new partitions unseen"
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
