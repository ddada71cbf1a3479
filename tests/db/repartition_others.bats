#!/usr/bin/env bats
# The files of sql/repartition among others: sessions that write meanwhile, owners, policies, triggers, foreign keys,
# columns and views that are not the demo's.

bats_require_minimum_version 1.5.0
load ../lib
load ../repartition

setup_file() { repartition_start; }

teardown_file() { pg_stop; }

teardown() { drop_copies; }

# fails_with PART... -- NUMBER: the file fails, its message has the parts, and nothing of it is left.
fails_with() {
    local parts=() before
    while [[ $1 != -- ]]; do
        parts+=("$1")
        shift
    done
    before=$(schema)
    run -3 psql -Xq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -1 -f "$(file_of "$2")"
    has "$output" "${parts[@]}"
    diff <(echo "$before") <(schema)
}

# ---- sessions that write meanwhile ---------------------------------------------------------------

# among_writers NUMBER: runs the file, and commits when four inserts that began meanwhile wait for it. The
# sessions have inserted before, so that their plans are ready.
among_writers() {
    local day pids=()
    psql -Xqv ON_ERROR_STOP=1 -1 -f "$(file_of "$1")" -c "DO \$\$ BEGIN
            PERFORM pg_advisory_lock(1);
            FOR i IN 1 .. 500 LOOP
                EXIT WHEN (SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation') = 4;
                PERFORM pg_sleep(0.02);
            END LOOP;
        END \$\$" >/dev/null 3>&- &
    wait_for sql_true "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)"
    for day in 2024-01-15 2024-02-10 2024-03-15 2024-04-10; do
        sql "PREPARE w AS INSERT INTO event_logs_log (day) VALUES ('$day');
             PREPARE e (timestamp) AS INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('meanwhile', 1, \$1);
             EXECUTE w; EXECUTE e ('$day')" 3>&- &
        pids+=($!)
    done
    local pid
    for pid in "${pids[@]}"; do
        wait "$pid" || return
    done
    wait
}

@test "rows that others insert meanwhile wait, and are in the right partition afterwards" {
    local file
    for file in 10 11 12 14_merge 14_restore 14_return; do
        copy_of loaded "_$file"
        sql "CREATE TABLE event_logs_log (day text)"
        case $file in
        14_merge) run_files 11 ;;
        14_restore) run_files 12 ;;
        14_return) run_files 10 ;;
        esac
        among_writers "$file"
        is 4 "SELECT count(*) FROM event_logs WHERE event_type = 'meanwhile'"
        rows_are_in_their_leaves
    done
}

# ---- owners and policies -------------------------------------------------------------------------

@test "a superuser's run leaves everything to the owner of the tables; a stranger may not" {
    local file
    copy_of loaded
    sql "CREATE ROLE keeper; CREATE ROLE stranger LOGIN; GRANT CREATE ON SCHEMA public TO keeper;
         ALTER TABLE event_logs OWNER TO keeper; ALTER TABLE event_logs_2024_01 OWNER TO keeper;
         ALTER TABLE event_logs_2024_02 OWNER TO keeper; ALTER TABLE event_logs_2024_03 OWNER TO keeper;
         ALTER TABLE event_logs_default OWNER TO keeper; ALTER TABLE users_distributed OWNER TO keeper"
    local before
    before=$(schema)
    run_files 10 11 12 13
    is 0 "SELECT count(*) FROM pg_class WHERE relowner <> 'keeper'::regrole AND relkind IN ('r', 'p', 'S', 'i', 'I')
          AND relname ~ '2024_04|week|archive|users_by_date'"
    run_files 14_cleanup
    diff <(echo "$before") <(schema)
    for file in 10 11 12 13; do
        PGUSER=stranger fails_with 42501 "permission denied for table" -- "$file"
    done
    sql "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO stranger"
    for file in 10 11 12 13; do
        PGUSER=stranger fails_with 42501 'permission denied to set role "keeper"' -- "$file"
    done
    sql "DROP OWNED BY stranger, keeper; DROP ROLE stranger, keeper"
}

@test "a policy that hides rows also from the owner stops every file, instead of losing rows" {
    copy_of loaded
    sql "CREATE ROLE keeper; GRANT CREATE ON SCHEMA public TO keeper; ALTER TABLE event_logs OWNER TO keeper;
         ALTER TABLE event_logs_2024_01 OWNER TO keeper; ALTER TABLE event_logs_2024_02 OWNER TO keeper;
         ALTER TABLE event_logs_default OWNER TO keeper; ALTER TABLE event_logs ENABLE ROW LEVEL SECURITY;
         ALTER TABLE event_logs FORCE ROW LEVEL SECURITY; CREATE POLICY theirs ON event_logs USING (user_id < 50)"
    local file
    for file in 10 11 12; do
        fails_with 42501 "query would be affected by row-level security policy" -- "$file"
    done
    all_rows_are_there
    sql "DROP OWNED BY keeper; DROP ROLE keeper"
}

# ---- triggers, foreign keys, columns, views ------------------------------------------------------

@test "moving rows fires no trigger: no event goes away, none is new" {
    copy_of loaded
    sql "CREATE TABLE audit (what text, id bigint);
         CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
             INSERT INTO audit VALUES (TG_OP, coalesce(NEW.id, OLD.id)); RETURN NULL; END \$\$;
         CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON event_logs FOR EACH ROW EXECUTE FUNCTION audit()"
    local before
    before=$(schema)
    run_files 10
    # The test insert did fire it, and was taken back with what it did.
    run_files 11 12 14_cleanup
    is 0 "SELECT count(*) FROM audit"
    diff <(echo "$before") <(schema)
    all_rows_are_there
}

@test "a foreign key to event_logs: what it refers to does not move, and nothing is deleted in cascade" {
    copy_of loaded
    sql "CREATE TABLE notes (id bigint, at timestamp, FOREIGN KEY (id, at) REFERENCES event_logs ON DELETE CASCADE);
         INSERT INTO notes SELECT id, created_at FROM event_logs WHERE created_at IN ('2024-01-01', '2024-02-08', '2024-04-01')"
    local file before
    for file in 10 11 12; do
        fails_with 23503 "violates foreign key constraint" "notes" -- "$file"
    done
    is 3 "SELECT count(*) FROM notes"
    # Without rows that refer to it, everything works, and the key is there as before.
    sql "DELETE FROM notes"
    # The constraint has a part for each partition, which PostgreSQL numbers anew.
    before=$(schema | sed -E 's/_fkey_?[0-9]+/_fkey/' | sort)
    run_files 10 11 12 14_cleanup
    diff <(echo "$before") <(schema | sed -E 's/_fkey_?[0-9]+/_fkey/' | sort)
    refused 23503 "INSERT INTO notes VALUES (1, '1999-01-01')"
}

@test "a foreign key from event_logs, an index and a constraint on it: new partitions have them, cleanup restores them" {
    copy_of loaded
    sql "CREATE TABLE kinds (kind varchar(50) PRIMARY KEY); INSERT INTO kinds SELECT DISTINCT event_type FROM event_logs;
         INSERT INTO kinds VALUES ('test');
         ALTER TABLE event_logs ADD FOREIGN KEY (event_type) REFERENCES kinds, ADD CONSTRAINT positive CHECK (id > 0);
         CREATE INDEX ON event_logs (ip_address)"
    run_files 10 11
    refused 23503 "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('no such', 1, '2024-02-05')"
    refused 23514 "INSERT INTO event_logs (id, event_type, user_id, created_at) VALUES (-1, 'test', 1, '2024-04-05')"
    is 0 "SELECT count(*) FROM pg_partition_tree('event_logs') AS t WHERE isleaf AND NOT EXISTS (
          SELECT FROM pg_index WHERE indrelid = t.relid AND pg_get_indexdef(indexrelid) LIKE '%(ip_address)')"
    run_files 12 14_cleanup
    all_rows_are_there
    is 't' "SELECT bool_and(indisvalid) FROM pg_index"
    is 4 "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid <> 0 AND confrelid = 'kinds'::regclass"
}

@test "migrate: a column that users_distributed was given stops it" {
    copy_of loaded
    sql "ALTER TABLE users_distributed ADD note text DEFAULT 'n'"
    fails_with "cannot compare record types with different numbers of columns" -- 13
}

@test "a column that was added is carried along with its values" {
    copy_of loaded
    sql "ALTER TABLE event_logs ADD note text DEFAULT 'none'; UPDATE event_logs SET note = 'n' || id"
    local rows
    rows=$(sql "SELECT * FROM event_logs ORDER BY id, created_at")
    run_files 10 11 12
    is 0 "SELECT count(*) FROM event_logs_archive WHERE note <> 'n' || id"
    run_files 14_cleanup
    diff <(echo "$rows") <(sql "SELECT * FROM event_logs ORDER BY id, created_at")
}

@test "a partition with its columns in another order: every value stays in its column" {
    copy_of loaded
    sql "BEGIN; CREATE TABLE other (created_at timestamp NOT NULL, user_id int NOT NULL, ip_address inet, event_data jsonb,
             event_type varchar(50) NOT NULL, id bigint NOT NULL);
         INSERT INTO other SELECT created_at, user_id, ip_address, event_data, event_type, id FROM event_logs_2024_02;
         DROP TABLE event_logs_2024_02; ALTER TABLE other RENAME TO event_logs_2024_02;
         ALTER TABLE event_logs ATTACH PARTITION event_logs_2024_02 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01'); COMMIT"
    all_rows_are_there
    run_files 11 14_cleanup
    all_rows_are_there
}

@test "a view on a partition: it is not dropped, the file says whose it is" {
    copy_of loaded
    sql "CREATE VIEW theirs AS SELECT * FROM event_logs_2024_01; CREATE VIEW those AS SELECT * FROM event_logs_2024_02"
    fails_with 2BP01 "view theirs" -- 12
    fails_with 2BP01 "view those" -- 11
}

@test "a table in the way: refused, and it keeps its rows" {
    copy_of loaded
    sql "CREATE TABLE event_logs_2024_04 (mine int); CREATE TABLE event_logs_2024_02_week3 (mine int);
         CREATE TABLE event_logs_archive (mine int); CREATE TABLE users_by_date (mine int)"
    fails_with 42P07 event_logs_2024_04 -- 10
    fails_with 42P07 event_logs_2024_02_week3 -- 11
    fails_with ERROR event_logs_archive -- 12
    fails_with 42P07 users_by_date -- 13
    fails_with ERROR -- 14_cleanup
    sql "DROP TABLE event_logs_2024_04, event_logs_2024_02_week3, event_logs_archive, users_by_date"
    # A partition of the user's own is not in the way, and stays.
    sql "CREATE TABLE mine PARTITION OF event_logs FOR VALUES FROM ('2031-01-01') TO ('2032-01-01')"
    local before
    before=$(schema)
    run_files 10 11 12 13 14_cleanup
    diff <(echo "$before") <(schema)
    # One that covers April under another name is.
    sql "BEGIN; DELETE FROM event_logs WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01';
         CREATE TABLE april PARTITION OF event_logs FOR VALUES FROM ('2024-04-01') TO ('2024-05-01'); COMMIT"
    fails_with 42P17 'would overlap partition "april"' -- 10
}

@test "rows that an archive has already are merged if they are the same, and refused if not" {
    copy_of loaded
    run_files 12
    sql "BEGIN; CREATE TABLE event_logs_2024_01 PARTITION OF event_logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         INSERT INTO event_logs SELECT id, event_type, user_id, event_data, ip_address, created_at FROM event_logs_archive LIMIT 5;
         INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('late', 1, '2024-01-07'); COMMIT"
    sql "UPDATE event_logs_2024_01 SET user_id = user_id + 1 WHERE id = 1"
    fails_with "1 rows of January are not in event_logs_archive as they are in event_logs" -- 12
    sql "UPDATE event_logs_2024_01 SET user_id = user_id - 1 WHERE id = 1"
    run_files 12
    is "$(($(sql -d loaded 'SELECT count(*) FROM event_logs_2024_01') + 1))" "SELECT count(*) FROM event_logs_archive"
    run_files 14_cleanup
    sql "DELETE FROM event_logs WHERE event_type = 'late'"
    all_rows_are_there
    diff <(schema_of loaded) <(schema)
}

@test "cleanup does not drop users that only users_by_date has, nor archived rows of another month" {
    copy_of loaded
    run_files 13
    sql "INSERT INTO users_by_date (username, email) VALUES ('only here', 'x')"
    fails_with "users_by_date has 1 users that users_distributed has not, by id and name" -- 14_cleanup
    sql "DELETE FROM users_by_date WHERE username = 'only here'"
    run_files 12
    sql "INSERT INTO event_logs_archive SELECT 7777, 'x', 1, NULL, NULL, '2020-01-01', now(), 'mine'"
    fails_with 23514 event_logs_2024_01_bound -- 14_cleanup
}
