#!/usr/bin/env bats
# partdemo run cleanup knows the runs of online changes that were left behind on the demo's tables, ends them, and
# undoes what online/split made of a month; those on other tables it names.

load ../lib
load ../online
load ../online_killed

setup_file() {
    pg_start "autovacuum = off"
    fresh_db demo
    partdemo run setup -q
    PGDATABASE=demo catalog >"$PG_TEST_DIR/catalog"
    rows >"$PG_TEST_DIR/rows"
}

teardown_file() { pg_stop; }

setup() {
    sql -d postgres "DROP DATABASE IF EXISTS victim WITH (FORCE)"
    sql -d postgres "CREATE DATABASE victim TEMPLATE demo"
    export PGDATABASE=victim
}

teardown() { stop_writers; }

flagless() {
    sed -E 's/ triggers=(true|false) / /; s/( type=p .*) noinherit=(true|false) /\1 /'
}

rows() {
    local t
    for t in "${SETUP_TABLES[@]}"; do
        sql "SELECT '$t', count(*), sum(hashtextextended(x::text, 0)::numeric) FROM $t AS x"
    done
}

# as_set_up: after cleanup nothing differs from what the setup made, but for two flags that mean nothing: that there was
# a trigger, until VACUUM looks, and whether a table that inherits would inherit a primary key.
as_set_up() {
    diff <(flagless <"$PG_TEST_DIR/catalog") <(catalog | flagless) && diff "$PG_TEST_DIR/rows" <(rows) && nothing_left
}

# left_behind LOCK ARG...: a run that gave up, because somebody held that lock.
left_behind() {
    hold "BEGIN; LOCK $1"
    run_partdemo run "${@:2}" --patience 200ms
    exited 1
    has "$stderr" "The run is kept at the phase" "Of a run on the demo's tables 'partdemo run cleanup' does so, too."
    release
}

# fails_at TAG TEXT: such statements with that text fail until `works_again`.
fails_at() {
    sql "CREATE FUNCTION fails() RETURNS event_trigger LANGUAGE plpgsql AS \$\$BEGIN
             IF strpos(current_query(), '$2') > 0 THEN RAISE 'not now'; END IF; END\$\$;
         CREATE EVENT TRIGGER fails ON ddl_command_start WHEN TAG IN ('$1') EXECUTE FUNCTION fails()"
}

works_again() {
    sql "DROP EVENT TRIGGER fails; DROP FUNCTION fails()"
}

SPLIT=(online/split --table event_logs --partition event_logs_2024_02 --at 2024-02-10)

@test "runs that are not swapped are aborted, on every table of the demo" {
    left_behind "event_logs_2024_02 IN ACCESS SHARE MODE" "${SPLIT[@]}"
    left_behind "users_distributed_p1 IN ROW EXCLUSIVE MODE" online/split --table users_distributed \
        --partition users_distributed_p1
    left_behind "sales_2024_q1_electronics IN ROW EXCLUSIVE MODE" online/split --table sales_2024_q1 \
        --partition sales_2024_q1_electronics --values computers
    is $'1|promised\n2|begun\n3|begun' "SELECT id, phase FROM partdemo.runs ORDER BY 1"
    run_partdemo run cleanup
    exited 0
    has "$output" "split of event_logs_2024_02 in public.event_logs" "at the phase 'promised'" \
        "split of sales_2024_q1_electronics in public.sales_2024_q1" "every trace is removed"
    as_set_up
    run_partdemo run cleanup
    exited 0
    has "$output" "already done"
}

@test "a run that is swapped is finished, and its month is made whole; a detached partition is attached" {
    fails_at "DROP TABLE" "DROP TABLE"
    run_partdemo run "${SPLIT[@]}"
    exited 1
    has "$stderr" "kept at the phase 'validated'"
    works_again
    fails_at "CREATE TABLE" "CREATE TABLE kept"
    run_partdemo run online/detach --table event_logs --partition event_logs_2024_01 --archive kept
    exited 1
    has "$stderr" "kept at the phase 'detached'"
    works_again
    run_partdemo run cleanup
    exited 0
    has "$output" "nothing of the run is left" "the partition is attached as before"
    as_set_up
}

@test "what online/split made of a month is merged again, under any names, also of a week" {
    run_partdemo run "${SPLIT[@]}" --names 'event_logs_2024_02,"The Rest"'
    exited 0
    run_partdemo run online/split --table event_logs --partition event_logs_2024_03 --at 2024-03-10,2024-03-20
    exited 0
    run_partdemo run online/split --table event_logs --partition event_logs_default --at 2024-04-01,2024-04-12,2024-05-01
    exited 0
    run_partdemo run cleanup
    exited 0
    as_set_up
    partdemo run split -q
    run_partdemo run online/split --table event_logs --partition event_logs_2024_02_week2 --at 2024-02-10
    exited 0
    left_behind "event_logs_2024_02_week1 IN ACCESS SHARE MODE" online/split --table event_logs \
        --partition event_logs_2024_02_week1 --at 2024-02-04
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run online/split --table event_logs --partition event_logs_default --at 2024-04-01,2024-05-01
    exited 0
    run_partdemo run cleanup
    exited 0
    as_set_up
    # April is dropped in the end, so it is to have nothing of its own.
    run_partdemo run online/split --table event_logs --partition event_logs_default --at 2024-04-01,2024-05-01
    exited 0
    sql "COMMENT ON TABLE event_logs_2024_04_01 IS 'mine'"
    run_partdemo run cleanup
    exited 4
    has "$stderr" "a comment on table event_logs_2024_04_01"
    is mine "SELECT obj_description('event_logs_2024_04_01'::regclass)"
    sql "COMMENT ON TABLE event_logs_2024_04_01 IS NULL"
    # A piece alone makes no month.
    run_partdemo run "${SPLIT[@]}"
    sql "ALTER TABLE event_logs DETACH PARTITION event_logs_2024_02_1"
    run_partdemo run cleanup
    exited 4
    has "$stderr" "event_logs_2024_02_2 is all that is left of event_logs_2024_02" "Attach the other partitions again"
}

@test "a run on another table is named with the commands that end it, and left alone" {
    sql "CREATE TABLE \"it's\" (u bigint PRIMARY KEY) PARTITION BY RANGE (u);
         CREATE TABLE \"it's_1\" PARTITION OF \"it's\" FOR VALUES FROM (0) TO (100)"
    left_behind "\"it's_1\" IN ACCESS SHARE MODE" online/split --table "\"it's\"" --partition "it's_1" --at 50
    run_partdemo run cleanup
    exited 0
    has "$output" "already done"
    has "$stderr" "was left at the phase 'promised'"
    partdemo run split -q
    left_behind "event_logs_2024_03 IN ACCESS SHARE MODE" online/split --table event_logs \
        --partition event_logs_2024_03 --at 2024-03-10
    run_partdemo run cleanup
    exited 0
    has "$stderr" "an online change of public.\"it's\" was left" "with --abort"
    [[ $(grep -c "was left at the phase" <<<"$stderr") == 1 ]]
    is "it's_1" "SELECT name FROM partdemo.runs"
    # As a shell reads it.
    eval "$(grep -o 'partdemo run online/split.*' <<<"$stderr") --abort" >/dev/null
    sql "DROP TABLE \"it's\""
    as_set_up
}

@test "a run on a table that was dropped, and made anew by the setup" {
    left_behind "event_logs_2024_02 IN ACCESS SHARE MODE" "${SPLIT[@]}"
    sql "DROP TABLE event_logs, event_logs_old CASCADE; DROP TABLE users_distributed, users_distributed_old,
             users_distributed_usernames, orders_by_region, orders_by_region_old, sales_data, sales_data_old CASCADE;
         DROP FUNCTION users_distributed_follow_row(), users_distributed_follow_truncate()" 2>/dev/null
    partdemo run setup -q
    run_partdemo run cleanup
    exited 0
    has "$output" "every trace is removed"
    setup_is_whole
    nothing_left
    left_behind "event_logs_2024_02 IN ACCESS SHARE MODE" "${SPLIT[@]}"
    run_partdemo run setup --reset --yes
    exited 0
    as_set_up
}

@test "what --keep-old kept takes its place again, also when the way back was begun; rows written since stay" {
    run_partdemo run "${SPLIT[@]}" --keep-old
    exited 0
    run_partdemo run online/merge --table orders_by_region --partitions orders_europe,orders_asia_pacific --name orders_old_world --keep-old
    exited 0
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('late', 1, '2024-02-12')" >/dev/null
    hold "BEGIN; LOCK event_logs IN ACCESS SHARE MODE"
    run_partdemo run "${SPLIT[@]}" --undo --patience 200ms
    exited 1
    release
    run_partdemo run cleanup
    exited 0
    is 1 "SELECT count(*) FROM event_logs_2024_02 WHERE event_type = 'late'"
    sql "DELETE FROM event_logs WHERE event_type = 'late'"
    as_set_up
}

@test "an --abort that was killed is ended, of a change and of a way back" {
    at "phase = 'swapped'" partdemo-before run "${SPLIT[@]}"
    exited 137
    at "DROP TABLE IF EXISTS partdemo.router" partdemo-before run "${SPLIT[@]}" --abort
    exited 137
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run "${SPLIT[@]}" --keep-old
    exited 0
    at "phase = 'swapped'" partdemo-before run "${SPLIT[@]}" --undo
    exited 137
    run_partdemo run "${SPLIT[@]}" --undo --abort --dry-run
    exited 0
    has "$output" "the run can only be taken back from now on" "DROP TRIGGER"
    at "DROP TABLE IF EXISTS partdemo.router" partdemo-before run "${SPLIT[@]}" --undo --abort
    exited 137
    run_partdemo run "${SPLIT[@]}" --undo
    exited 4
    has "$stderr" "the --abort of the run was interrupted"
    run_partdemo run cleanup
    exited 0
    as_set_up
}

@test "a migrated table that is kept is in the way of cleanup, which says how to end it" {
    run_partdemo run online/migrate --table event_logs --by 'HASH (id)' --modulus 2 --keep-old
    exited 0
    run_partdemo run cleanup
    exited 4
    has "$stderr" "An online change of public.event_logs is at the phase 'kept'" "--by 'HASH (id)' --modulus '2' --undo' comes first"
    run_partdemo run online/migrate --table event_logs --by 'HASH (id)' --modulus 2 --undo
    exited 0
    as_set_up
}

@test "finished splits and merges of the other tables are undone, under any names; what nobody can undo is named" {
    run_partdemo run online/split --table users_distributed --partition users_distributed_p1
    exited 0
    run_partdemo run online/split --table users_distributed --partition users_distributed_p1_2 --names 'users_distributed_p1,"The Rest"'
    exited 0
    run_partdemo run online/split --table orders_by_region --partition orders_europe --values 'UK;DE,FR'
    exited 0
    run_partdemo run online/merge --table orders_by_region --partitions orders_north_america,orders_asia_pacific --name pacific
    exited 0
    run_partdemo run online/split --table sales_2024_q1 --partition sales_2024_q1_clothing --values clothing
    exited 0
    run_partdemo run online/merge --table sales_2024_q2 --partitions sales_2024_q2_electronics,sales_2024_q2_clothing --name both
    exited 0
    sql "ALTER TABLE users_distributed_p2 RENAME TO renamed"
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run online/split --table orders_by_region --partition orders_other --values 'BR,AR'
    exited 0
    run_partdemo run cleanup
    exited 0
    has "$stderr" "orders_by_region_br is none of the partitions that the setup makes"
    local undo
    undo=$(grep -o 'BEGIN;.*COMMIT;' <<<"$stderr")
    [[ $undo != *'*'* ]]
    sql "$undo"
    as_set_up
}

@test "January that online/detach took out: the table is attached again, an archive of another name is named" {
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('late', 1, '2024-01-12')" >/dev/null
    rows >"$BATS_TEST_TMPDIR/rows"
    run_partdemo run online/detach --table event_logs --partition event_logs_2024_01 --archive kept
    exited 0
    sql "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('later', 1, '2024-01-13')" >/dev/null
    run_partdemo run cleanup
    exited 0
    has "$stderr" "kept has rows of January alone"
    is 1 "SELECT count(*) FROM event_logs_2024_01 WHERE event_type = 'later'"
    sql "DELETE FROM event_logs WHERE event_type = 'later'"
    diff "$BATS_TEST_TMPDIR/rows" <(rows)
    sql "DELETE FROM event_logs WHERE event_type = 'late'; DROP TABLE kept"
    as_set_up
    run_partdemo run online/detach --table event_logs --partition event_logs_2024_01 --archive '"Kept "' --drop
    exited 0
    run_partdemo run cleanup
    exited 4
    has "$stderr" 'ALTER TABLE "Kept " RENAME TO event_logs_archive;'
    sql "$(grep -o 'ALTER TABLE .* RENAME TO event_logs_archive;' <<<"$stderr")"
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run online/detach --table event_logs --partition event_logs_2024_01
    exited 0
    sql "ALTER TABLE event_logs_2024_01 ADD own int"
    run_partdemo run cleanup
    exited 1
    has "$stderr" "event_logs_2024_01 has to have the columns of event_logs" "nothing of it is left"
    sql "ALTER TABLE event_logs_2024_01 DROP own"
}

@test "partitions of every table that online/detach took out are attached again, with the rows that came meanwhile" {
    local pair
    for pair in event_logs:event_logs_2024_03 users_distributed:users_distributed_p2 \
        orders_by_region:orders_europe sales_2024_q1:sales_2024_q1_clothing orders_by_region:orders_other; do
        run_partdemo run online/detach --table "${pair%:*}" --partition "${pair#*:}"
        exited 0
    done
    sql "ALTER TABLE sales_data DETACH PARTITION sales_2024_q2"
    run_partdemo run setup
    exited 4
    has "$stderr" "sales_2024_q2 is a table of its own: 'partdemo run cleanup' attaches it again" \
        "event_logs_2024_03 is a table"
    sql "INSERT INTO event_logs (id, event_type, user_id, created_at) VALUES (9001, 'late', 1, '2024-03-12'),
             (9002, 'other', 1, '2024-04-12');
         INSERT INTO sales_data (id, sale_date, product_category, product_id, quantity, unit_price, total_amount)
             VALUES (9001, '2024-02-02', 'shoes', 1, 1, 1, 1)"
    fingerprint >"$BATS_TEST_TMPDIR/before"
    run_partdemo run cleanup --dry-run
    exited 0
    has "$output" "event_logs_2024_03 of event_logs" "INSERT INTO \"event_logs_2024_03\" (id, event_type, user_id, event_data, ip_address, created_at) SELECT" \
        "ALTER TABLE \"event_logs\" ATTACH PARTITION \"event_logs_2024_03\" FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');" \
        "ALTER TABLE \"orders_by_region\" ATTACH PARTITION \"orders_other\" DEFAULT;" "lock: ACCESS EXCLUSIVE on"
    fingerprint | diff "$BATS_TEST_TMPDIR/before" -
    run_partdemo run cleanup
    exited 0
    is event_logs_2024_03 "SELECT tableoid::regclass FROM event_logs WHERE id = 9001"
    is sales_2024_q1_clothing "SELECT tableoid::regclass FROM sales_data WHERE id = 9001"
    sql "DELETE FROM event_logs WHERE id > 9000; DELETE FROM sales_data WHERE id > 9000"
    as_set_up
    run_partdemo run cleanup
    exited 0
    has "$output" "already done"
}

@test "a detached partition whose columns come in another order gets the rows that came meanwhile" {
    run_partdemo run online/detach --table event_logs --partition event_logs_2024_03
    exited 0
    sql "ALTER TABLE event_logs_2024_03 RENAME user_id TO old; ALTER TABLE event_logs_2024_03 ADD user_id int; UPDATE event_logs_2024_03 SET user_id = old;
         ALTER TABLE event_logs_2024_03 ALTER user_id SET NOT NULL, DROP old;
         INSERT INTO event_logs (id, event_type, user_id, event_data, created_at) VALUES (9001, 'late', 7, '{\"a\": 1}', '2024-03-12')"
    run_partdemo run cleanup
    exited 0
    is 'event_logs_2024_03|late|7|{"a": 1}' "SELECT tableoid::regclass, event_type, user_id, event_data FROM event_logs WHERE id = 9001"
}

@test "the default partition that online/detach took out is attached again; one that is gone is said to be" {
    run_partdemo run online/detach --table event_logs --partition event_logs_default
    exited 0
    run_partdemo run cleanup
    exited 0
    as_set_up
    sql "ALTER TABLE event_logs DETACH PARTITION event_logs_default; ALTER TABLE event_logs_default RENAME TO gone"
    run_partdemo run cleanup
    exited 4
    has "$stderr" "there is no such table" "CREATE TABLE event_logs_default PARTITION OF event_logs DEFAULT"
    sql "ALTER TABLE gone RENAME TO event_logs_default; ALTER TABLE event_logs ATTACH PARTITION event_logs_default DEFAULT"
    as_set_up
}

@test "a dry run of a scenario with a plan names the runs on other tables, as the run does" {
    sql "CREATE TABLE o (u int PRIMARY KEY); INSERT INTO o VALUES (1)"
    hold "BEGIN; LOCK o IN ACCESS SHARE MODE"
    run_partdemo run online/migrate --table o --by 'HASH (u)' --modulus 2 --patience 100ms
    release
    exited 1
    cd "$BATS_TEST_TMPDIR"
    cat >mine.lua <<'LUA'
local check = require "partdemo.check"
return { summary = "Nothing", steps = { { call = function() end, say = "Nothing", plan = function() return {}, {} end } },
  after = { check.no_run { tables = { "visits" } } } }
LUA
    run_partdemo run mine.lua --dry-run
    exited 0
    has "$stderr$output" "an online change of public.o was left"
}

@test "months that were merged are parted again, one of another name gets its own back, a part of April goes only when it has nothing of its own" {
    run_partdemo run online/merge --table event_logs --partitions event_logs_2024_01,event_logs_2024_02 --name jan_feb -q
    exited 0
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run online/split --table event_logs --partition event_logs_2024_02 --at 2024-02-15 --names first,second -q
    exited 0
    run_partdemo run online/merge --table event_logs --partitions first,second --name feb -q
    exited 0
    run_partdemo run cleanup
    exited 0
    as_set_up
    run_partdemo run online/split --table event_logs --partition event_logs_default --at 2024-04-10,2024-04-12 --names easter -q
    exited 0
    sql "COMMENT ON TABLE easter IS 'mine'"
    run_partdemo run cleanup
    exited 4
    has "$stderr" "easter" "a comment on table easter"
    is easter "SELECT to_regclass('easter')"
    sql "COMMENT ON TABLE easter IS NULL"
    run_partdemo run cleanup
    exited 0
    as_set_up
}

@test "a look-alike of event_logs that cannot be read is nothing to cleanup, and another's copy is not proposed to be dropped" {
    sql "CREATE ROLE its_owner LOGIN; CREATE TABLE secret (LIKE event_logs); REVOKE ALL ON secret FROM PUBLIC;
         CREATE TABLE backup AS SELECT * FROM event_logs_2024_01;
         GRANT ALL ON backup TO its_owner; REASSIGN OWNED BY its_owner TO postgres"
    run_partdemo run cleanup
    exited 0
    has "$stderr" "backup has rows of January alone"
    [[ $stderr != *DROP* ]]
    sql "DROP TABLE secret, backup; DROP ROLE its_owner"
    as_set_up
}

@test "a conversion that was kept goes back" {
    sql "DROP TABLE users_distributed; CREATE TABLE users_distributed (id int PRIMARY KEY); INSERT INTO users_distributed VALUES (1)"
    local convert=(online/convert --table users_distributed --by 'HASH (id)')
    run_partdemo run "${convert[@]}" --keep-old
    exited 0
    run_partdemo run cleanup
    exited 4 # the table was none that cleanup knows, before it was converted
    has "$output" "convert of users_distributed in public.users_distributed" "the table is defined as before"
    is 'r|1' "SELECT relkind, count(id) FROM pg_class, users_distributed WHERE relname = 'users_distributed' GROUP BY 1"
    nothing_left
}
