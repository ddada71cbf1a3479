# shellcheck shell=bash
# A table by month and the split of its February, for the tests of what can come between; after online.bash. Load it
# with `load ../online_split`.

# a table of 20,000 rows, most of them in February; u below 2000 belongs to the writers.
range_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_rest PARTITION OF t DEFAULT;
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, timestamp '2024-01-30' + n * interval '2 min', 0 FROM generate_series(0, ${1:-20000} - 1) AS n"
}
# shellcheck disable=SC2034 # the tests read it
KEY="timestamp '2024-01-25' + random() * interval '40 days'"
SPLIT=(run online/split --table t --partition t_feb --at '2024-02-08,2024-02-15')

is_whole() {
    is 't_feb_1,t_feb_2,t_feb_3,t_jan,t_rest' \
        "SELECT string_agg(relid::text, ',' ORDER BY relid::text) FROM pg_partition_tree('t') WHERE isleaf" &&
        nothing_left
}

# at_phase PHASE SQL: a run that was killed at that phase, where the locks that SQL takes held it up.
at_phase() {
    hold "BEGIN; $2"
    start_partdemo "${SPLIT[@]}" --patience 1h
    wait_for sql_true "SELECT phase = '$1' FROM partdemo.runs"
    sleep 0.2
    kill_partdemo
    release
    is "$1" "SELECT phase FROM partdemo.runs"
}
