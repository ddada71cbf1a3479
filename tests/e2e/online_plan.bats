#!/usr/bin/env bats
# What --dry-run says of an online change: every statement that the run sends, in order, with each lock that it takes on
# tables that others use. Held against the server's log of the run, and against pg_locks while psql executes the plan in
# a copy of the database.

load ../lib
load ../online
load ../online_rich

setup_file() {
    pg_start "autovacuum = off" "log_destination = 'jsonlog'" "logging_collector = on" "log_directory = 'log'" \
        "log_filename = 'statements'" "log_rotation_size = 0"
}

teardown_file() { pg_stop; }

setup() {
    fresh_db plan
}

teardown() { stop_writers; }

plan() {
    node "$PARTDEMO_SOURCE/tests/e2e/online_plan.mjs" "$@"
}

LOG() {
    cat "$PG_TEST_DIR/data/log/statements.json"
}

# goes_as_planned ARG...: the plan changes nothing and waits for nobody who writes; psql can execute it, with the locks
# that it names, and what it leaves is what the run leaves; the run sends the statements of the plan.
goes_as_planned() {
    local dir=$BATS_TEST_TMPDIR lines
    fingerprint >"$dir/before"
    hold "BEGIN; $(sql "SELECT coalesce(string_agg(format('LOCK TABLE %I.%I IN EXCLUSIVE MODE', n.nspname, c.relname), '; '), 'SELECT 1')
                          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                         WHERE relkind = 'r' AND n.nspname !~ '^(pg_|partdemo(_old_\d+|_undone_\d+)?$|information_schema)'")"
    run_partdemo run "$@" --stall 100ms --dry-run -v
    cp "$dir/stdout" "$dir/brief"
    run_partdemo run "$@" --stall 10s --dry-run -v
    release
    exited 0 || return
    cp "$dir/stdout" "$dir/plan"
    plan waits "$dir/brief" 50 || return
    grep -qE '^ +in use now by: pid [0-9]+ \(postgres, holder, idle in transaction, for ' "$dir/brief" || return
    grep -q '^  others meet: .* (blocks ' "$dir/brief" || return
    fingerprint | diff "$dir/before" - || return
    fresh_twin
    plan script "$dir/plan" >"$dir/script"
    psql -XAtq -F $'\t' -d twin -f "$dir/script" >"$dir/locks" 2>"$dir/psql.err" || {
        cat "$dir/psql.err" >&2
        return 1
    }
    plan locks "$dir/plan" "$dir/locks" || return
    lines=$(LOG | wc -l)
    PGOPTIONS="-c log_statement=all" run_partdemo run "$@" --stall 10s
    exited 0 || return
    LOG | tail -n "+$((lines + 1))" >"$dir/log"
    plan log "$dir/plan" "$dir/log" || return
    diff <(definitions) <(PGDATABASE=twin definitions) || return
    [[ " $* " != *" --keep-old "* ]] || return 0
    run_partdemo run "$@" --dry-run
    has "$output" "already done"
}

# fresh_twin: a copy of the database, with the same OIDs.
fresh_twin() {
    psql -XAtq -v ON_ERROR_STOP=1 -d postgres <<SQL
set client_min_messages = warning;
drop database if exists twin with (force);
create database twin template $PGDATABASE;
SQL
}

ranges() {
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL DEFAULT 7, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE INDEX t_v ON t (v);
         INSERT INTO t SELECT n, timestamp '2024-01-25' + n * interval '2 hours', n FROM generate_series(0, 399) AS n;
         CREATE TABLE child (u bigint, k timestamp, CONSTRAINT refers FOREIGN KEY (u, k) REFERENCES t ON DELETE CASCADE);
         INSERT INTO child SELECT u, k FROM t WHERE u % 10 = 0;
         ANALYZE"
}

SPLIT=(online/split --table t --partition t_feb --at '2024-02-08')

@test "split and merge" {
    ranges
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT"
    goes_as_planned "${SPLIT[@]}"
    goes_as_planned online/merge --table t --partitions t_feb_1,t_feb_2 --name t_feb
}

@test "names with marks of comments in them, in a schema whose name begins as those of a run" {
    sql 'CREATE SCHEMA partdemo_shop; SET search_path = partdemo_shop;
         CREATE TABLE "c/*d*/e" (k int PRIMARY KEY) PARTITION BY RANGE (k);
         CREATE TABLE "a--b" PARTITION OF "c/*d*/e" FOR VALUES FROM (0) TO (20);
         CREATE TABLE "c  e;(x" PARTITION OF "c/*d*/e" FOR VALUES FROM (20) TO (30);
         INSERT INTO "c/*d*/e" SELECT generate_series(0, 29); ANALYZE'
    goes_as_planned online/split --table 'partdemo_shop."c/*d*/e"' --partition '"a--b"' --at 10
    has "$(<"$BATS_TEST_TMPDIR/plan")" 'others meet: ACCESS EXCLUSIVE on partdemo_shop."'
    sql 'CREATE TABLE partdemo_shop."/*" PARTITION OF partdemo_shop."c/*d*/e" DEFAULT'
    goes_as_planned online/detach --table 'partdemo_shop."c/*d*/e"' --partition '"c  e;(x"'
}

@test "split with --keep-old, and --undo" {
    ranges
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT; CREATE STATISTICS t_uv ON u, v FROM t_feb"
    goes_as_planned "${SPLIT[@]}" --keep-old
    goes_as_planned "${SPLIT[@]}" --undo
}

@test "detach: CONCURRENTLY into an archive, and under a lock" {
    ranges
    sql "CREATE TABLE users (u bigint PRIMARY KEY); INSERT INTO users SELECT u FROM t; DROP TABLE child;
         ALTER TABLE t ADD CONSTRAINT whose FOREIGN KEY (u) REFERENCES users"
    goes_as_planned online/detach --table t --partition t_feb --archive kept --drop
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT"
    goes_as_planned online/detach --table t --partition t_jan
}

plain() {
    sql "CREATE TABLE users (u bigint PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 300);
         CREATE TABLE t (u bigint GENERATED ALWAYS AS IDENTITY, k date NOT NULL, v bigint, s serial, PRIMARY KEY (u, k),
                         CONSTRAINT whose FOREIGN KEY (v) REFERENCES users);
         CREATE UNIQUE INDEX t_s ON t (s);
         INSERT INTO t (k, v) SELECT date '2024-01-01' + n % 90, n FROM generate_series(1, 300) AS n;
         CREATE TABLE child (u bigint, k date, CONSTRAINT refers FOREIGN KEY (u, k) REFERENCES t);
         INSERT INTO child SELECT u, k FROM t WHERE u % 10 = 0;
         CREATE VIEW seen AS SELECT u, v FROM t WHERE v > 5;
         CREATE STATISTICS t_uv ON u, v FROM t;
         COMMENT ON TABLE t IS 'one'; COMMENT ON CONSTRAINT refers ON child IS 'kept';
         CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER own BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing();
         ANALYZE"
}

@test "migrate a table of odd names with everything on it, with --keep-old, and --undo" {
    rich_table
    sql 'DELETE FROM "Odd Schema"."My ""Events""" WHERE v > 300; ANALYZE'
    local migrate=(online/migrate --table '"Odd Schema"."My ""Events"""' --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01")
    goes_as_planned "${migrate[@]}" --keep-old
    goes_as_planned "${migrate[@]}" --undo
}

@test "migrate a partitioned table on two levels" {
    ranges
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT"
    goes_as_planned online/migrate --table t --by 'HASH (u)' --modulus 2 --sub-by 'RANGE (k)' --sub-at 2024-01-01,2024-02-01 --sub-default
}

@test "migrate with other types, and back" {
    ranges
    sql "CREATE SEQUENCE t_v_seq AS int OWNED BY t.v"
    local migrate=(online/migrate --table t --by 'RANGE (k)' --at "2024-01-01,2024-02-01,2024-04-01" --types 'v numeric' --time-zone UTC)
    goes_as_planned "${migrate[@]}" --keep-old
    goes_as_planned "${migrate[@]}" --undo
    goes_as_planned "${migrate[@]}" --types 'u integer;v numeric'
}

@test "convert" {
    plain
    local convert=(online/convert --table t --by 'RANGE (k)' --until 2024-06-01 --at 2024-07-01 --default --widen)
    goes_as_planned "${convert[@]}" --keep-old
    goes_as_planned "${convert[@]}" --undo
    goes_as_planned "${convert[@]}"
}

# stopped ARG...: the run gives up before it swaps, because a session reads the table.
stopped() {
    hold "BEGIN; LOCK t IN ACCESS SHARE MODE"
    run_partdemo run "$@" --patience 100ms
    release
    exited 1
}

@test "--abort of each" {
    ranges
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT; CREATE TABLE kept (LIKE t, CHECK (v < 0))"
    stopped "${SPLIT[@]}"
    goes_as_planned "${SPLIT[@]}" --abort
    sql "DROP TABLE child"
    run_partdemo run online/detach --table t --partition t_feb --archive kept
    exited 1
    goes_as_planned online/detach --table t --partition t_feb --archive kept --abort
    sql "DROP TABLE t"
    plain
    local convert=(online/convert --table t --by 'RANGE (k)' --until 2024-06-01 --at 2024-07-01 --default --widen)
    stopped "${convert[@]}"
    goes_as_planned "${convert[@]}" --abort
    nothing_left
}

@test "what is left to do of a run that was stopped" {
    ranges
    sql "CREATE TABLE t_rest PARTITION OF t DEFAULT"
    stopped "${SPLIT[@]}"
    goes_as_planned "${SPLIT[@]}"
    nothing_left
}
