#!/usr/bin/env bats
# partdemo run online/convert with --keep-old and --undo: the table is plain again, defined as before, with every row that
# was written since.

load ../lib
load ../online
load ../convert
load ../online_killed

setup() {
    fresh_db convert_undo
}

# is_plain: the table t is no partitioned one any more, and nothing is left.
is_plain() {
    is 'r|f' "SELECT relkind, relispartition FROM pg_class WHERE oid = 't'::regclass" &&
        is 0 "SELECT count(*) FROM pg_class WHERE relname ~ '^(t_hist|t_202|partdemo)'" &&
        nothing_left
}

@test "under writers, with rows in further partitions: all of them are there, not one file was copied" {
    range_table
    local before file
    before=$(definitions)
    file=$(sql "SELECT pg_relation_filenode('t')")
    ledger t
    writers t "$RANGE_KEY" -M prepared
    run_partdemo "${RANGE[@]}" --keep-old
    exited 0
    has "$output" "--undo makes the table plain again"
    is kept "SELECT phase FROM partdemo.runs"
    is_whole_but_for_the_run
    sql "WITH w AS (INSERT INTO t (u, k, v) VALUES (-1, '2025-01-05', 1), (-2, '2024-12-05', 1) RETURNING u, k, v)
         INSERT INTO ledger SELECT u, k::text, v, false FROM w"
    run_partdemo "${RANGE[@]}" --keep-old
    exited 0
    run_partdemo "${RANGE[@]}" --undo --dry-run
    exited 0
    has "$output" "ALTER TABLE public.t DETACH PARTITION public.t_hist" "OVERRIDING SYSTEM VALUE SELECT u, k, v FROM public.t"
    is kept "SELECT phase FROM partdemo.runs"
    run_partdemo "${RANGE[@]}" --undo
    exited 0
    has "$output" "2 rows of the other partitions are moved into it; they are dropped: public.t_2024_12, public.t_2025_01" "the table is defined as before" "online/convert: done"
    end_writers
    is_plain
    as_the_ledger_says t
    is "$file" "SELECT pg_relation_filenode('t')"
    sql "DROP TABLE ledger; DROP SEQUENCE new_u; DELETE FROM t WHERE u < 0"
    diff <(echo "$before") <(definitions)
    run_partdemo "${RANGE[@]}" --undo
    exited 0
    has "$output" "already done"
}

is_whole_but_for_the_run() {
    tree $'t_2024_12|FOR VALUES FROM (\'2024-12-01 00:00:00\') TO (\'2025-01-01 00:00:00\')
t_2025_01|FOR VALUES FROM (\'2025-01-01 00:00:00\') TO (\'2025-02-01 00:00:00\')
t_hist|FOR VALUES FROM (MINVALUE) TO (\'2024-12-01 00:00:00\')'
}

@test "everything that a table can have comes back as it was, byte by byte; what was made wider is narrow again" {
    rich_table
    local before seq
    before=$(definitions)
    one_definition '"Odd s"."Big ""t"' >"$BATS_TEST_TMPDIR/before"
    run_partdemo "${RICH[@]}" --widen --keep-old
    exited 0
    is '1007|1001' "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, amount) VALUES ('2027-01-05', 1) RETURNING id, s"
    seq=$(sequences)
    run_partdemo "${RICH[@]}" --widen --undo
    exited 0
    diff <(echo "$seq") <(sequences)
    has "$output" "1 unique index built beside the writers"
    one_definition '"Odd s"."Big ""t"' >"$BATS_TEST_TMPDIR/after"
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    diff <(echo "$before") <(definitions)
    nothing_left
    # The next numbers: those of the row that was moved stay used.
    is '1010|1002' "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, amount) VALUES ('2027-01-06', 1) RETURNING id, s"
    is 1002 "SELECT count(*) FROM vv"
    is 2 "SELECT count(*) FROM \"Odd s\".\"Big \"\"t\" WHERE at > '2027-01-01'"
    refused 44000 "UPDATE v SET \"A\" = 6000"
    refused 23503 "INSERT INTO \"Odd s\".\"Big \"\"t\" (at, cust) VALUES ('2027-01-05', 77)"
    sql "DELETE FROM customers WHERE id = 2"
    is 502 "SELECT count(*) FROM v"
}

@test "foreign keys in both directions, list with a default, and hash" {
    plain_table int n
    sql "CREATE TABLE up (id int PRIMARY KEY); INSERT INTO up VALUES (0);
         ALTER TABLE t ADD r int DEFAULT 0 CONSTRAINT its_up REFERENCES up DEFERRABLE INITIALLY DEFERRED;
         CREATE TABLE child (u bigint, k int, CONSTRAINT to_t FOREIGN KEY (u, k) REFERENCES t ON DELETE CASCADE);
         COMMENT ON CONSTRAINT to_t ON child IS 'c'; INSERT INTO child SELECT u, k FROM t WHERE u < 10"
    local before command
    before=$(definitions)
    for command in 'HASH (k)' "LIST (k)"; do
        run_partdemo run online/convert --table t --by "$command" --keep-old
        exited 0
        sql "INSERT INTO t VALUES (-1, 10000, 5)"
        run_partdemo run online/convert --table t --by "$command" --undo
        exited 0
        is_plain
        diff <(echo "$before") <(definitions)
        is '-1|10000|5' "DELETE FROM t WHERE u < 0 RETURNING u, k, v"
        refused 23503 "INSERT INTO child VALUES (-1, 0)"
        refused 23503 "INSERT INTO t VALUES (-1, 0, 0, 9); SET CONSTRAINTS ALL IMMEDIATE"
    done
    sql "DELETE FROM t WHERE u = 3"
    is 9 "SELECT count(*) FROM child"
}

@test "what is in the way of the way back is said, and nothing is changed by it" {
    range_table
    sql "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (u)"
    local before
    before=$(definitions)
    run_partdemo "${RANGE[@]}" --widen
    exited 0
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "nothing is kept to go back to"
    sql "ALTER TABLE t DETACH PARTITION t_hist; DROP TABLE t; ALTER TABLE t_hist RENAME TO t;
         ALTER TABLE t DROP CONSTRAINT t_hist_pkey, ADD PRIMARY KEY (u), ALTER k SET NOT NULL; ALTER INDEX t_hist_v RENAME TO t_v"
    diff <(echo "$before") <(definitions)
    run_partdemo "${RANGE[@]}" --widen --keep-old
    exited 0
    # Many rows of other partitions.
    sql "INSERT INTO t SELECT n, '2025-01-05', 0 FROM generate_series(100001, 101001) AS n"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "the other partitions of public.t have more than 1,000 rows" "--stall is 50ms"
    is kept "SELECT phase FROM partdemo.runs"
    sql "DELETE FROM t WHERE u = 101001"
    # What another partition has of its own.
    sql "ALTER TABLE t_2025_01 ADD CONSTRAINT its_own CHECK (v > -9); COMMENT ON TABLE t_2024_12 IS 'mine';
         CREATE TABLE t_later PARTITION OF t FOR VALUES FROM ('2025-02-01') TO ('2025-03-01'); CREATE INDEX of_later ON t_later (v, u)"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "public.t_2025_01 has constraint CHECK ((v > '-9'::integer))" "public.t_2024_12 has table:" "comment mine" "public.t_later has index of_later"
    sql "DROP INDEX of_later; ALTER TABLE t_2025_01 DROP CONSTRAINT its_own; COMMENT ON TABLE t_2024_12 IS NULL"
    # Another definition.
    sql "ALTER TABLE t ALTER v SET DEFAULT 3"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "public.t was altered since the swap" "+ column v bigint not null default 3"
    sql "ALTER TABLE t ALTER v DROP DEFAULT"
    # A row that only the wider index allows, among the old ones: no index stays that would go on to refuse such rows.
    sql "INSERT INTO t VALUES (6, '2024-02-05', 7)"
    run_partdemo "${RANGE[@]}" --widen --undo --stall 1s
    exited 4
    has "$stderr" "has allowed what the old one does not" "Key (u)=(6)"
    is 0 "SELECT count(*) FROM pg_class WHERE relname LIKE 'partdemo_narrow%'"
    sql "INSERT INTO t VALUES (6, '2024-02-06', 7); DELETE FROM t WHERE u = 6 AND v = 7"
    # And in another partition.
    sql "INSERT INTO t VALUES (5, '2025-01-05', 7)"
    run_partdemo "${RANGE[@]}" --widen --undo --stall 1s
    exited 4
    has "$stderr" "has allowed what the old one does not" "Key (u)=(5)" "--abort gives up the way back"
    # What somebody makes and drops again changes nothing.
    sql "CREATE INDEX of_some ON t (v, u); DROP INDEX of_some"
    is 'built|true' "SELECT phase, details -> 'turned' FROM partdemo.runs"
    run_partdemo "${RANGE[@]}" --widen --undo --stall 1s
    exited 4
    has "$stderr" "Key (u)=(5)"
    sql "DELETE FROM t WHERE u = 5 AND v = 7"
    run_partdemo "${RANGE[@]}" --widen
    exited 2
    has "$stderr" "the run is on its way back"
    run_partdemo "${RANGE[@]}" --widen --undo --stall 1s
    exited 0
    is_plain
    diff <(echo "$before") <(definitions)
    is 1000 "SELECT count(*) FROM t WHERE u > 100000"
}

@test "without --undo the same command ends the run; --abort gives up a way back that was begun" {
    range_table
    sql "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (u)"
    run_partdemo "${RANGE[@]}" --widen --keep-old
    exited 0
    run_partdemo "${RANGE[@]}" --widen --abort
    exited 4
    has "$stderr" "--undo goes back"
    sql "CREATE VIEW of_one AS SELECT * FROM t_2025_01"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "the view of_one: it reads one partition" "DROP VIEW of_one;"
    is kept "SELECT phase FROM partdemo.runs"
    sql "DROP VIEW of_one; INSERT INTO t VALUES (5, '2025-01-05', 7)"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "has allowed what the old one does not" "--abort gives up the way back"
    is built "SELECT phase FROM partdemo.runs"
    is_whole_but_for_the_run
    run_partdemo "${RANGE[@]}" --widen --abort
    exited 0
    has "$output" "the way back is given up"
    is_whole
    is 0 "SELECT count(*) FROM pg_class WHERE relname LIKE 'partdemo%'"
}

@test "no foreign table is dropped; without the old table among the partitions there is no way back" {
    range_table
    sql "ALTER TABLE t DROP CONSTRAINT t_pkey"
    run_partdemo "${RANGE[@]}" --keep-old
    exited 0
    sql "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;
         CREATE FOREIGN TABLE t_far PARTITION OF t FOR VALUES FROM ('2030-01-01') TO ('2031-01-01') SERVER s OPTIONS (filename '/dev/null')"
    run_partdemo "${RANGE[@]}" --undo
    exited 4
    has "$stderr" "the other partitions of public.t would be dropped" "public.t_far is a foreign table" "Detach them"
    sql "DROP FOREIGN TABLE t_far; ALTER TABLE t DETACH PARTITION t_hist"
    run_partdemo "${RANGE[@]}" --undo
    exited 4
    has "$stderr" "t_hist is no partition of public.t any more" "the same command without --undo ends the run"
    sql "ALTER TABLE t ATTACH PARTITION t_hist FOR VALUES FROM (MINVALUE) TO ('2024-12-01')"
    run_partdemo "${RANGE[@]}" --undo --stall 1s
    exited 0
    is_plain
    is 6000 "SELECT count(*) FROM t"
}

@test "an --undo that was killed while it built an index, or after the swap before it was kept, goes on" {
    range_table
    sql "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (u)"
    local before
    before=$(definitions)
    at "phase = 'validated'" partdemo-before "${RANGE[@]}" --widen --keep-old
    exited 137
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 4
    has "$stderr" "nothing is kept to go back to: the run is at the phase 'swapped'" "The same command with --keep-old goes on with it"
    run_partdemo "${RANGE[@]}" --widen --keep-old
    exited 0
    hold "BEGIN; LOCK t_hist IN ROW EXCLUSIVE MODE" # CREATE INDEX CONCURRENTLY waits for it
    start_partdemo "${RANGE[@]}" --widen --undo
    wait_for sql_true "SELECT count(*) > 0 FROM pg_index WHERE NOT indisvalid"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo'"
    end_partdemo
    exited 1
    release
    is 1 "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    run_partdemo "${RANGE[@]}" --widen --undo
    exited 0
    is_plain
    diff <(echo "$before") <(definitions)
}
