#!/usr/bin/env bats
# partdemo run online/merge while others write: several partitions become one, and nothing else changes.

load ../lib
load ../online

setup() {
    fresh_db merge
}

rows() {
    echo "SELECT n, $1, 0 FROM generate_series(0, 5999) AS n"
}

range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb_1 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');
         CREATE TABLE t_feb_2 PARTITION OF t FOR VALUES FROM ('2024-02-08') TO ('2024-02-15');
         CREATE TABLE t_feb_3 PARTITION OF t FOR VALUES FROM ('2024-02-15') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_v ON t (v);
         INSERT INTO t $(rows "timestamp '2024-01-25' + n * interval '10 min'")"
}
KEY="timestamp '2024-01-25' + random() * interval '40 days'"
MERGE=(run online/merge --table t --partitions 't_feb_2,t_feb_1,t_feb_3')

bounds() {
    sql "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 't'::regclass ORDER BY 1"
}

@test "range: weeks become a month under four writers, killed again and again" {
    range_table
    ledger t
    writers t "$KEY" -M prepared
    local i
    for i in 1 2 3 4 5; do
        start_partdemo "${MERGE[@]}"
        sleep "0.$((12 * i))"
        kill -9 "$PD_PID" 2>/dev/null || true
        end_partdemo
        ((status)) || break
    done
    run_partdemo "${MERGE[@]}"
    exited 0
    end_writers
    [[ $(bounds) == $'t_feb|FOR VALUES FROM (\'2024-02-01 00:00:00\') TO (\'2024-03-01 00:00:00\')
t_jan|FOR VALUES FROM (\'2024-01-01 00:00:00\') TO (\'2024-02-01 00:00:00\')
t_rest|DEFAULT' ]]
    as_the_ledger_says t
    nothing_left
    of_one_definition t_jan t_feb
    run_partdemo "${MERGE[@]}"
    exited 0
    has "$output" "already done"
}

@test "list: the values together, under the name of one of them" {
    sql "CREATE TABLE t (u bigint NOT NULL, k text NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY LIST (k);
         CREATE TABLE t_us PARTITION OF t FOR VALUES IN ('US'); CREATE TABLE t_am PARTITION OF t FOR VALUES IN ('CA', 'it''s');
         CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('DE');
         INSERT INTO t $(rows "(ARRAY['US', 'CA', 'it''s', 'DE'])[1 + n % 4]")"
    ledger t
    writers t "(ARRAY['US', 'CA', 'it''s', 'DE'])[1 + floor(random() * 4)]"
    run_partdemo run online/merge --table t --partitions t_us,t_am --name t_am
    exited 0
    has "$output" "attached 1 of 1 new partition without a scan"
    end_writers
    [[ $(bounds) == $'t_am|FOR VALUES IN (\'CA\', \'it\'\'s\', \'US\')\nt_eu|FOR VALUES IN (\'DE\')' ]]
    is t_am_pkey "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 't_am'::regclass"
    as_the_ledger_says t
    nothing_left
}

@test "hash: two remainders become one of half the modulus" {
    sql "CREATE TABLE t (u bigint NOT NULL, k int NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY HASH (k);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1_1 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 1);
         CREATE TABLE t_1_2 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 3);
         INSERT INTO t $(rows n)"
    ledger t
    writers t "(random() * 10000)::int"
    run_partdemo run online/merge --table t --partitions t_1_1,t_1_2
    exited 0
    end_writers
    [[ $(bounds) == $'t_0|FOR VALUES WITH (modulus 2, remainder 0)\nt_1|FOR VALUES WITH (modulus 2, remainder 1)' ]]
    as_the_ledger_says t
    nothing_left
}

@test "refused: a gap, other remainders, a default, partitions of two definitions; --abort leaves nothing" {
    range_table
    sql "CREATE TABLE h (u bigint PRIMARY KEY) PARTITION BY HASH (u);
         CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 0);
         CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 1)"
    local before
    before=$(definitions)
    run_partdemo run online/merge --table t --partitions t_feb_1,t_feb_3
    exited 2
    has "$stderr" "there is a gap"
    run_partdemo run online/merge --table t --partitions t_feb_1,t_rest
    exited 2
    has "$stderr" "a default partition cannot be merged"
    run_partdemo run online/merge --table t --partitions t_feb_1
    exited 2
    has "$stderr" "at least two"
    run_partdemo run online/merge --table h --partitions h_0,h_1
    exited 2
    has "$stderr" "do not make up one"
    run_partdemo run online/merge --table t --partitions t_feb_1,t_feb_2 --name t_jan
    exited 4
    has "$stderr" "there is a relation public.t_jan already"
    run_partdemo "${MERGE[@]}" --dry-run
    exited 0
    has "$output" "DETACH PARTITION public.t_feb_3;" "ATTACH PARTITION public.t_feb FOR VALUES"
    hold "BEGIN; LOCK t_feb_3 IN ROW EXCLUSIVE MODE"
    start_partdemo "${MERGE[@]}"
    wait_for sql_true "SELECT phase = 'begun' FROM partdemo.runs"
    kill_partdemo
    release
    run_partdemo "${MERGE[@]}" --abort
    exited 0
    diff <(echo "$before") <(definitions)
    sql "ALTER TABLE t_feb_2 SET (fillfactor = 70)"
    run_partdemo "${MERGE[@]}"
    exited 4
    has "$stderr" "is not defined as" "fillfactor=70"
}

@test "partitions with their columns in different orders, and one that was dropped: each value stays in its column" {
    sql "CREATE TABLE m (id int NOT NULL, a int, b int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
         CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (100);
         CREATE TABLE m_2 (gone int, b int, id int NOT NULL, a int, PRIMARY KEY (id)); ALTER TABLE m_2 DROP COLUMN gone;
         ALTER TABLE m ATTACH PARTITION m_2 FOR VALUES FROM (100) TO (200); INSERT INTO m SELECT n, 1, 2 FROM generate_series(0, 199) AS n"
    run_partdemo run online/merge --table m --partitions m_1,m_2 --name m_all
    exited 0
    is "200|1|1|2|2" "SELECT count(*), min(a), max(a), min(b), max(b) FROM m"
    nothing_left
}
