#!/usr/bin/env bats
# The pace of an online copy: it waits for replicas that are behind and gives way to the writers, says so, and
# whatever becomes of those whom it watches, it goes on. The standby streams from the server in earnest.

load ../lib
load ../online

setup_file() {
    pg_start "autovacuum = off" "wal_receiver_status_interval = 1s"
    # A copy of the data directory of a server that is down is a base backup: not every package of a server has
    # pg_basebackup.
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -w -s stop
    cp -a "$PG_TEST_DIR/data" "$PG_TEST_DIR/standby"
    printf '%s\n' "primary_conninfo = 'host=$PG_TEST_DIR user=postgres application_name=standby_1'" "port = 5433" \
        >>"$PG_TEST_DIR/standby/postgresql.conf"
    touch "$PG_TEST_DIR/standby/standby.signal"
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/data" -l "$PG_TEST_DIR/log" -w -s start >/dev/null 2>&1
    as_pg "$PG_TEST_BIN/pg_ctl" -D "$PG_TEST_DIR/standby" -l "$PG_TEST_DIR/standby.log" -w -s start >/dev/null 2>&1
}

teardown_file() { pg_stop; }

# Statements of the tests do not wait for a standby.
export PGOPTIONS="-c synchronous_commit=local"

setup() {
    fresh_db pace
    wait_for sql_true "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'"
}

teardown() {
    stop_writers
    sql "ALTER SYSTEM RESET synchronous_standby_names" >/dev/null
    sql "SELECT pg_reload_conf()" >/dev/null
    standby "SELECT pg_wal_replay_resume()" >/dev/null
}

# standby SQL: on the standby.
standby() {
    sql -p 5433 -d postgres "$1"
}

# standby_session: one on the standby with a snapshot, until `release`.
standby_session() {
    mkfifo "$BATS_TEST_TMPDIR/hold"
    psql -XAtq -p 5433 -d postgres <"$BATS_TEST_TMPDIR/hold" >"$BATS_TEST_TMPDIR/held" 2>&1 3>&- 4>&- &
    # shellcheck disable=SC2034 # read by stop_writers
    HOLDER=$!
    exec 8>"$BATS_TEST_TMPDIR/hold"
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;" >&8
}

# pause_replay: the standby receives and does not replay.
pause_replay() {
    standby "SELECT pg_wal_replay_pause()" >/dev/null
    wait_for paused
}
paused() {
    [[ $(standby "SELECT pg_get_wal_replay_pause_state()") == paused ]]
}

# slow_table [ROWS]: some rows; each takes its time to be copied, so that a copy lasts long enough to be looked at.
slow_table() {
    rows=${1:-1200}
    sql "CREATE TABLE t (u bigint NOT NULL, k timestamp NOT NULL, v bigint NOT NULL, PRIMARY KEY (u, k)) PARTITION BY RANGE (k);
         CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE FUNCTION slow(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
         ALTER TABLE t_feb ADD CONSTRAINT slow CHECK (slow(v));
         INSERT INTO t SELECT n, timestamp '2024-02-01' + n * interval '10 min', 0 FROM generate_series(1, $rows) AS n;
         CREATE OR REPLACE FUNCTION slow(bigint) RETURNS boolean LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(0.0002); RETURN true; END'"
}
SPLIT=(run online/split --table t --partition t_feb --at 2024-02-05)

is_whole() {
    is t_feb_1,t_feb_2 \
        "SELECT string_agg(relid::text, ',' ORDER BY relid::text) FROM pg_partition_tree('t') WHERE isleaf" &&
        is "$rows|0" "SELECT count(*), count(*) FILTER (WHERE (tableoid = 't_feb_1'::regclass) <> (k < '2024-02-05')) FROM t" &&
        is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo probe'" &&
        nothing_left
}

# said TEXT: in what partdemo wrote to stderr so far.
said() {
    grep -qF -- "$1" "$BATS_TEST_TMPDIR/stderr"
}

# synchronous: commits wait until the standby has replayed them.
synchronous() {
    sql "ALTER DATABASE pace SET synchronous_commit = remote_apply" >/dev/null
    sql "ALTER SYSTEM SET synchronous_standby_names = 'standby_1'" >/dev/null
    sql "SELECT pg_reload_conf()" >/dev/null
    wait_for sql_true "SELECT sync_state = 'sync' FROM pg_stat_replication"
}

# hanging: the probe's commit waits for the standby.
hanging() {
    sql_true "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'partdemo probe' AND wait_event = 'SyncRep'"
}

@test "a replica whose replay is paused makes the copy wait, and is named; afterwards it goes on" {
    slow_table
    pause_replay
    PGOPTIONS='' start_partdemo "${SPLIT[@]}" --lag 100ms
    wait_for said "the replica standby_1 is"
    said "behind, --lag is 100ms: the copy waits"
    local copied
    copied=$(sql "SELECT copied FROM partdemo.runs")
    is captured "SELECT phase FROM partdemo.runs"
    sleep 0.7
    is "$copied|captured" "SELECT copied, phase FROM partdemo.runs"
    standby "SELECT pg_wal_replay_resume()"
    end_partdemo
    exited 0
    [[ $output =~ \(limit\ ([0-9]+)\ ms\;\ before\ the\ copy\ it\ was\ [0-9.]+\ m?s\) ]]
    ((BASH_REMATCH[1] >= 20 && BASH_REMATCH[1] <= 250))
    has "$output" " for replicas"
    [[ $output != *", 0 s for replicas"* ]]
    is_whole
}

@test "patience ends, and the run goes on later; --lag 0 does not look" {
    slow_table
    sql "CREATE TABLE a (LIKE t_feb INCLUDING CONSTRAINTS)" # as slow
    pause_replay
    PGOPTIONS='' run_partdemo run online/detach --table t --partition t_feb --archive a --drop --lag 100ms --patience 300ms
    exited 1
    has "$stderr" "gave up after" "the replica standby_1 is" "--patience makes it wait longer"
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo probe'"
    PGOPTIONS='' run_partdemo run online/detach --table t --partition t_feb --archive a --drop --lag 0
    exited 0
    [[ $output != *"replicas"* && $stderr != *"replica"* ]]
    is "$rows|" "SELECT (SELECT count(*) FROM a), to_regclass('t_feb')"
    nothing_left
}

@test "a role that may not see replicas is told so, once" {
    local blind="this role, no member of pg_monitor, cannot see how far replicas are"
    sql "CREATE ROLE sees_little LOGIN; GRANT CREATE ON DATABASE pace TO sees_little;
         GRANT CREATE ON SCHEMA public TO sees_little"
    slow_table
    sql "ALTER TABLE t OWNER TO sees_little; ALTER TABLE t_feb OWNER TO sees_little"
    pause_replay
    PGOPTIONS='' PGUSER=sees_little run_partdemo "${SPLIT[@]}" --lag 100ms
    exited 0
    [[ $(grep -c "$blind" <<<"$stderr") == 1 ]]
    has "$output" "0 s for replicas"
    is_whole

    # The same table again: a member sees them; one from whom even the view is kept does not.
    sql "DROP TABLE t; DROP FUNCTION slow; GRANT pg_monitor TO sees_little"
    slow_table
    sql "ALTER TABLE t OWNER TO sees_little; ALTER TABLE t_feb OWNER TO sees_little"
    PGOPTIONS='' PGUSER=sees_little run_partdemo "${SPLIT[@]}" --lag 100ms --patience 300ms
    exited 1
    has "$stderr" "the replica standby_1 is"
    sql "REVOKE SELECT ON pg_stat_replication FROM public"
    PGOPTIONS='' PGUSER=sees_little run_partdemo "${SPLIT[@]}" --lag 100ms --patience 300ms
    exited 0
    [[ $(grep -c "$blind" <<<"$stderr") == 1 ]]
    is_whole
}

@test "small writes that wait make the copy give way, which is said; it goes on" {
    slow_table 2500
    start_partdemo "${SPLIT[@]}" --p99 20ms
    wait_for sql_true "SELECT to_regclass('partdemo.probe') IS NOT NULL"
    hold "BEGIN; LOCK TABLE partdemo.probe"
    wait_for said "above 20 ms: smaller batches, longer pauses"
    local copied
    copied=$(sql "SELECT copied FROM partdemo.runs")
    wait_for sql_true "SELECT copied > $copied FROM partdemo.runs" # slowly, but on
    release
    end_partdemo
    exited 0
    has "$output" " for the writers' p99 (limit 20 ms), 0 s for replicas"
    [[ $output != *"paused 0 s for the writers"* ]]
    is_whole
}

@test "commits that wait for a synchronous standby: the copy gives way, and ends with them or without" {
    slow_table
    synchronous
    pause_replay
    PGOPTIONS='' start_partdemo "${SPLIT[@]}" --lag 0 --p99 40ms
    wait_for said "above 40 ms: smaller batches, longer pauses"
    wait_for hanging
    kill -TERM "$PD_PID"
    end_partdemo
    exited 143
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo probe'"
    is captured "SELECT phase FROM partdemo.runs"

    # A partdemo that is killed leaves the commit waiting: whoever ends the run ends it.
    PGOPTIONS='' start_partdemo "${SPLIT[@]}" --lag 0
    wait_for hanging
    kill -9 "$PD_PID"
    end_partdemo
    hanging
    PGOPTIONS='' run_partdemo "${SPLIT[@]}" --abort
    exited 0
    nothing_left
    is 0 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partdemo probe'"

    PGOPTIONS='' start_partdemo "${SPLIT[@]}" --lag 0
    wait_for hanging
    wait_for said "smaller batches"
    standby "SELECT pg_wal_replay_resume()"
    end_partdemo
    exited 0
    is_whole
}

@test "the session that measures is killed: the copy goes on without it, after one note" {
    slow_table 2500
    start_partdemo "${SPLIT[@]}"
    wait_for sql_true "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partdemo probe'"
    end_partdemo
    exited 0
    [[ $(grep -c "nobody watches the writers' p99 any more" <<<"$stderr") == 1 ]]
    has "$output" "not watched to the end"
    is_whole
}

@test "no connection is left for it; it is switched off; values that are none" {
    slow_table
    sql "CREATE ROLE one_only LOGIN SUPERUSER CONNECTION LIMIT 1; ALTER ROLE one_only NOSUPERUSER;
         GRANT CREATE ON DATABASE pace TO one_only; GRANT CREATE ON SCHEMA public TO one_only;
         ALTER TABLE t OWNER TO one_only; ALTER TABLE t_feb OWNER TO one_only"
    PGUSER=one_only run_partdemo "${SPLIT[@]}"
    exited 0
    has "$stderr" "nobody watches the writers' p99 any more" "too many connections for role"
    is_whole
    run_partdemo run online/merge --table t --partitions t_feb_1,t_feb_2 --name t_feb --p99 0 --lag 0
    exited 0
    [[ $output != *paused* ]]
    is "$rows" "SELECT count(*) FROM t_feb"
    nothing_left
    local word
    for word in auto 5 -1s soon ''; do
        run_partdemo "${SPLIT[@]}" --lag "$word"
        exited 2
        has "$stderr" "--lag takes a duration such as 500ms or 3s, or 0"
    done
    for word in 1 -1s never ''; do
        run_partdemo "${SPLIT[@]}" --p99 "$word"
        exited 2
        has "$stderr" "--p99 takes a duration such as 500ms or 3s, or auto or 0"
    done
    nothing_left
}

@test "a transaction on a standby, by feedback or by its slot, that would miss rows holds the swap up and is named" {
    slow_table 100
    sql "SELECT pg_create_physical_replication_slot('its_slot', true)" >/dev/null
    standby "ALTER SYSTEM SET hot_standby_feedback = on"
    standby "SELECT pg_reload_conf()" >/dev/null
    standby_session
    wait_for sql_true "SELECT backend_xmin IS NOT NULL FROM pg_stat_replication"
    run_partdemo "${SPLIT[@]}" --patience 300ms
    exited 1
    has "$stderr" "a snapshot from before the copy would miss rows after the swap" "standby_1"
    standby "ALTER SYSTEM SET primary_slot_name = 'its_slot'"
    standby "SELECT pg_reload_conf()" >/dev/null
    wait_for sql_true "SELECT xmin IS NOT NULL FROM pg_replication_slots WHERE active"
    run_partdemo "${SPLIT[@]}" --patience 300ms
    exited 1
    has "$stderr" "the replication slot its_slot"
    is promised "SELECT phase FROM partdemo.runs"
    release COMMIT
    run_partdemo "${SPLIT[@]}"
    exited 0
    is_whole
    standby "ALTER SYSTEM RESET ALL"
    standby "SELECT pg_reload_conf()" >/dev/null
    wait_for sql_true "SELECT NOT active FROM pg_replication_slots"
    sql "SELECT pg_drop_replication_slot('its_slot')"
}
