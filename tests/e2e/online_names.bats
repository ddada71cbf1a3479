#!/usr/bin/env bats
# Names and values of every kind, for online changes: operators that are not on the search_path, odd names of tables
# and partitions, values with commas, and wrong words, which are refused with nothing touched.

load ../lib
load ../online

setup_file() {
    pg_start "autovacuum = off"
}

teardown_file() { pg_stop; }

setup() {
    fresh_db names
}

teardown() { stop_writers; }

# held_at PHASE LOCK SQL COMMAND...: SQL is executed while the command waits for a lock at that phase; then it ends well.
held_at() {
    hold "BEGIN; LOCK $2 IN ACCESS SHARE MODE"
    start_partdemo "${@:4}"
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs" || end_partdemo
    sql "$3"
    release
    end_partdemo
    exited 0
}

@test "a key whose operators are not on the search_path: split, merge, migrate, detach" {
    sql "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
         CREATE TABLE t (name ext.citext, n bigint, v int NOT NULL, PRIMARY KEY (name, n)) PARTITION BY LIST (name);
         CREATE TABLE t_ab PARTITION OF t FOR VALUES IN ('A', 'b'); CREATE TABLE t_c PARTITION OF t FOR VALUES IN ('c');
         INSERT INTO t SELECT (ARRAY['a', 'A', 'B', 'b', 'C'])[1 + n % 5], n, 0 FROM generate_series(1, 6000) AS n"
    # Another writing of the same key, and one that is in the log twice.
    local change="UPDATE t SET name = upper(name::text)::ext.citext, v = v + 1 WHERE n <= 100; UPDATE t SET name = lower(name::text)::ext.citext WHERE n <= 50"
    local content="SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM t" before
    held_at promised t_ab "$change" run online/split --table t --partition t_ab --values 'a'
    is $'t_ab_1|2400\nt_ab_2|2400\nt_c|1200' "SELECT tableoid::regclass::text, count(*) FROM t GROUP BY 1 ORDER BY 1"
    is "6000|100" "SELECT count(*), sum(v) FROM t"
    run_partdemo run online/split --table t --partition t_ab --values 'a'
    exited 0
    has "$output" "already done"
    held_at built t "$change" run online/migrate --table t --by 'HASH (name)' --modulus 2
    is "6000|200" "SELECT count(*), sum(v) FROM t"
    before=$(sql "$content")
    run_partdemo run online/merge --table t --partitions t_p0,t_p1 --name t_all
    exited 0
    is "$before" "$content"
    sound t
    run_partdemo run online/detach --table t --partition t_all --archive kept
    exited 0
    is 6000 "SELECT count(*) FROM kept"
    nothing_left
}
