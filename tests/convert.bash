# shellcheck shell=bash
# shellcheck disable=SC2034 # RANGE and RANGE_KEY are read by the tests
# What the tests of online/convert share, after online.bash. Load it with `load ../convert`.

# plain_table KEY_TYPE KEY: 6,000 rows; u below 2000 belongs to the writers.
plain_table() {
    sql "CREATE TABLE t (u bigint NOT NULL, k $1 NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k));
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, $2, 0 FROM generate_series(0, 5999) AS n"
}

range_table() {
    plain_table timestamp "timestamp '2024-01-25' + n * interval '10 min'"
}
RANGE_KEY="timestamp '2024-01-25' + random() * interval '40 days'"
RANGE=(run online/convert --table t --by 'RANGE (k)' --until 2024-12-01 --at '2025-01-01,2025-02-01')

# tree EXPECTED: names and bounds of the partitions of t.
tree() {
    is "$1" "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
              WHERE i.inhparent = 't'::regclass ORDER BY 1"
}

# is_whole: t has its range partitions, t_hist every row.
is_whole() {
    tree $'t_2024_12|FOR VALUES FROM (\'2024-12-01 00:00:00\') TO (\'2025-01-01 00:00:00\')
t_2025_01|FOR VALUES FROM (\'2025-01-01 00:00:00\') TO (\'2025-02-01 00:00:00\')
t_hist|FOR VALUES FROM (MINVALUE) TO (\'2024-12-01 00:00:00\')' &&
        is $'t|t_pkey,t_v\nt_hist|t_hist_pkey,t_hist_v' \
            "SELECT indrelid::regclass, string_agg(indexrelid::regclass::text, ',' ORDER BY indexrelid::regclass::text)
               FROM pg_index WHERE indrelid IN ('t'::regclass, 't_hist'::regclass) GROUP BY indrelid ORDER BY indrelid::regclass::text" &&
        nothing_left
}
