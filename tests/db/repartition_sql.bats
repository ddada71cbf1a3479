#!/usr/bin/env bats
# The files of sql/repartition, run by psql alone and judged by plain SQL and the fingerprint of the schema.

bats_require_minimum_version 1.5.0
load ../lib
load ../repartition

setup_file() {
    repartition_start
    sql -d postgres "CREATE DATABASE changed TEMPLATE loaded"
    PGDATABASE=changed run_files 10 11 12 13
}

teardown_file() { pg_stop; }

teardown() { drop_copies; }

# ---- the files ---------------------------------------------------------------------------------

@test "every statement has a comment whose first line is a short label" {
    local file bad
    for file in "$PARTDEMO_SOURCE"/sql/repartition/*.sql; do
        bad=$(awk -v RS= '$0 !~ /^\\/ { split($0, line, "\n"); if (line[1] !~ /^-- [A-Z]/ || length(line[1]) > 63) print line[1] }' "$file")
        [[ -z $bad ]] || { echo "$file: $bad" >&2; return 1; }
        run ! grep -nE '^(BEGIN|COMMIT|ROLLBACK);|.{141}' "$file"
    done
}

@test "outside of a transaction no file changes anything" {
    local before file
    copy_of changed
    before=$(schema)
    for file in "$PARTDEMO_SOURCE"/sql/repartition/*.sql; do
        run -3 psql -Xq -v ON_ERROR_STOP=1 -v table=event_logs -v default=event_logs_default \
            -v partition=event_logs_2024_03 -v bound=DEFAULT -v rows=true -f "$file"
        has "$output" "LOCK TABLE can only be used in transaction blocks"
    done
    diff <(echo "$before") <(schema)
}

# ---- the end states ----------------------------------------------------------------------------

@test "add: April's rows are in a partition, with its indexes under the names of the others" {
    copy_of loaded
    run_files 10
    all_rows_are_there
    rows_are_in_their_leaves
    is "FOR VALUES FROM ('2024-04-01 00:00:00') TO ('2024-05-01 00:00:00')" "SELECT pg_get_expr(relpartbound, oid)
        FROM pg_class WHERE relname = 'event_logs_2024_04'"
    is 't' "SELECT count(*) > 39 FROM event_logs_2024_04"
    is $'event_logs_2024_04_pkey\nidx_event_logs_2024_04_event_type\nidx_event_logs_2024_04_user_id' \
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'event_logs_2024_04'::regclass ORDER BY indexrelid::regclass::text"
    like_its_siblings event_logs_2024_04
    # The test insert used an id and left no row.
    is 0 "SELECT count(*) FROM event_logs WHERE event_type = 'test'"
    is "$(($(sql -d loaded 'SELECT last_value FROM event_logs_id_seq') + 1))" "SELECT last_value FROM event_logs_id_seq"
}

@test "split: the weeks tile February, and each is like the other partitions" {
    copy_of loaded
    run_files 11
    all_rows_are_there
    rows_are_in_their_leaves
    is "event_logs_2024_02_week1|FOR VALUES FROM ('2024-02-01 00:00:00') TO ('2024-02-08 00:00:00')
event_logs_2024_02_week2|FOR VALUES FROM ('2024-02-08 00:00:00') TO ('2024-02-15 00:00:00')
event_logs_2024_02_week3|FOR VALUES FROM ('2024-02-15 00:00:00') TO ('2024-02-22 00:00:00')
event_logs_2024_02_week4|FOR VALUES FROM ('2024-02-22 00:00:00') TO ('2024-03-01 00:00:00')" \
        "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname ~ '^event_logs_2024_02' AND relkind = 'r' ORDER BY 1"
    local n
    for n in 1 2 3 4; do
        like_its_siblings "event_logs_2024_02_week$n"
    done
    is "$(sql -d loaded 'SELECT last_value, is_called FROM event_logs_id_seq')" "SELECT last_value, is_called FROM event_logs_id_seq"
}

@test "split: no ATTACH scans a table, the CHECKs speak for the rows" {
    copy_of loaded
    run psql -Xq -v ON_ERROR_STOP=1 -1 -c "SET client_min_messages = debug1" -f "$(file_of 11)"
    [[ $status == 0 ]]
    local n
    for n in 1 2 3 4; do
        has "$output" "partition constraint for table \"event_logs_2024_02_week$n\" is implied by existing constraints"
    done
    [[ $(grep -c 'default partition "event_logs_default" is implied by existing constraints' <<<"$output") == 4 ]]
}

@test "detach: the archive has January's rows; January's later rows go to the default partition" {
    copy_of loaded
    run_files 12
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('late', 1, '2024-01-31 23:59:59')"
    is event_logs_default "SELECT tableoid::regclass FROM event_logs WHERE event_type = 'late'"
    sql "DELETE FROM event_logs WHERE event_type = 'late'"
    is '' "SELECT to_regclass('event_logs_2024_01')"
    is "$(sql -d loaded "SELECT count(*), 0, 0 FROM event_logs_2024_01")" \
        "SELECT count(*), count(*) FILTER (WHERE archived_at IS NULL), count(*) FILTER (WHERE archive_reason = '') FROM event_logs_archive"
    diff <(sql -d loaded "SELECT * FROM event_logs ORDER BY id, created_at") <(sql "
        SELECT id, event_type, user_id, event_data, ip_address, created_at FROM event_logs_archive
        UNION ALL SELECT * FROM event_logs ORDER BY id, created_at")
    rows_are_in_their_leaves
}

@test "migrate: the same users by date, those without one in the default partition, ids unique also there" {
    copy_of loaded
    run_files 13
    all_rows_are_there
    diff <(sql "SELECT * FROM users_distributed ORDER BY id") <(sql "SELECT * FROM users_by_date ORDER BY id")
    is 0 "SELECT count(*) FROM users_by_date WHERE tableoid::regclass::text <> CASE
              WHEN registration_date >= '2024-01-01' AND registration_date < '2025-01-01'
              THEN 'users_by_date_2024_q' || extract(quarter FROM registration_date) ELSE 'users_by_date_default' END"
    is t "SELECT count(*) > 0 FROM users_by_date_default WHERE registration_date IS NULL"
    refused 23505 "INSERT INTO users_by_date SELECT * FROM users_by_date WHERE registration_date IS NULL LIMIT 1"
    refused 23505 "INSERT INTO users_by_date SELECT * FROM users_by_date WHERE registration_date = '2024-01-02' LIMIT 1"
    is t "SELECT nextval('users_by_date_id_seq') > max(id) FROM users_distributed"
    # Each can be dropped without the other.
    sql "BEGIN; DROP TABLE users_distributed; ROLLBACK"
    diff <(schema_of loaded) <(schema | grep -v users_by_date)
}

# ---- cleanup -----------------------------------------------------------------------------------

@test "cleanup: from every combination of the others, the schema of the setup and every row" {
    local n i files
    local before
    before=$(schema_of loaded)
    for ((n = 0; n < 16; n++)); do
        files=()
        for i in 0 1 2 3; do
            ((n >> i & 1)) && files+=("1$i")
        done
        copy_of loaded "c$n"
        run_files "${files[@]}"
        sql "$LATER_ROWS"
        run_files 14_cleanup
        diff <(echo "$before") <(schema)
        all_rows_are_there later
        rows_are_in_their_leaves
    done
}

@test "the others in reverse order, cleanup, all again, cleanup: as after the setup" {
    copy_of loaded
    run_files 13 12 11 10 14_cleanup 10 11 12 13
    sql "$LATER_ROWS"
    run_files 14_cleanup 14_cleanup
    diff <(schema_of loaded) <(schema)
    all_rows_are_there later
    rows_are_in_their_leaves
}

@test "empty tables: every file works, and cleanup restores them" {
    copy_of loaded
    sql "TRUNCATE event_logs, users_distributed"
    run_files 10 11 12 13 14_cleanup
    diff <(schema_of loaded) <(schema)
    is 0 "SELECT count(*) FROM event_logs"
}
