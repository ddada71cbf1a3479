#!/usr/bin/env bats
# A user's own scenario, given by path, with its SQL beside it.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() { pg_start "autovacuum = off"; }

teardown_file() { pg_stop; }

setup() {
    fresh_db "t$BATS_TEST_NUMBER"
    sql "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'one'), (2, 'two')"
    DIR=$BATS_TEST_TMPDIR/mine
    mkdir "$DIR"
    cd "$BATS_TEST_TMPDIR" || return
}

# lua: the scenario on stdin; file NAME: an SQL file on stdin.
lua() { { echo 'local check = require "partdemo.check"' && cat; } >"$DIR/s.lua"; }

file() { cat >"$DIR/$1"; }

run_it() { run_partdemo run mine/s.lua "$@"; }

@test "verify that fails rolls the step back: exit 4" {
    file change.sql <<<"UPDATE t SET v = 'changed'; CREATE TABLE made (); DELETE FROM t WHERE id = 2;"
    lua <<'LUA'
return { summary = "Lose a row", steps = {
  { sql = "change.sql", verify = check.rows { "t", exactly = 2 } },
} }
LUA
    local before
    before=$(fingerprint)
    run_it
    exited 4
    has "$stderr" "not so: t has exactly 2 rows" "1 row" "rolled back"
    diff <(echo "$before") <(fingerprint)
    is "" "SELECT to_regclass('made')"
}

@test "ensures: skips what is so already, and fails when the step does not bring it about" {
    file make.sql <<<"CREATE TABLE made ();"
    lua <<'LUA'
return { summary = "Make it", steps = { { sql = "make.sql", ensures = check.table "made" } } }
LUA
    run_it
    exited 0
    run_it
    exited 0
    has "$output" "[1/1] make.sql: already done"
    file make.sql <<<"SELECT 1;"
    sql "DROP TABLE made"
    run_it
    exited 4
    has "$stderr" "did not bring about" "made exists"
}

@test "an after-check that fails: exit 4, and the output says which" {
    file none.sql <<<"SELECT 1;"
    lua <<'LUA'
return { summary = "Expect too much", steps = { { sql = "none.sql" } }, after = { check.table "t", check.absent "t" } }
LUA
    run_it
    exited 4
    has "$output" "ok     t exists" "FAILED t does not exist: it exists"
    run_it --format json
    exited 4
    [[ $(node -p 'const d = JSON.parse(require("fs").readFileSync(process.argv[1]));
        [d.outcome, d.checks.map(c => c.ok)].join(" ")' "$BATS_TEST_TMPDIR/stdout") == "failed true,false" ]]
}

@test "a before-check that fails: exit 4 before any step" {
    file change.sql <<<"DELETE FROM t;"
    lua <<'LUA'
return { summary = "Start too early", before = { check.absent "t" }, steps = { { sql = "change.sql" } } }
LUA
    run_it
    exited 4
    has "$stderr" "cannot start" "t does not exist: it exists"
    is 2 "SELECT count(*) FROM t"
}

@test "needs that are not met: exit 4, names the scenario that provides them" {
    file change.sql <<<"DELETE FROM t;"
    lua <<'LUA'
return { summary = "After setup", needs = { "setup" }, steps = { { sql = "change.sql" } } }
LUA
    run_it
    exited 4
    has "$stderr" "needs setup" "'partdemo run setup' provides it"
    is 2 "SELECT count(*) FROM t"
    partdemo run setup -q
    run_it
    exited 0
    is 0 "SELECT count(*) FROM t"
}

@test "one transaction by default, none with transaction = false" {
    file three.sql <<<"INSERT INTO t VALUES (3, 'x'); INSERT INTO t VALUES (4, 'y'); INSERT INTO t VALUES (1, 'z');"
    lua <<'LUA'
return { summary = "All or nothing", steps = { { sql = "three.sql" } } }
LUA
    run_it
    exited 1
    has "$stderr" "23505" "nothing of it is left"
    is 2 "SELECT count(*) FROM t"
    lua <<'LUA'
return { summary = "One by one", steps = { { sql = "three.sql", transaction = false } } }
LUA
    run_it
    exited 1
    has "$stderr" "23505"
    [[ $stderr != *"nothing of it is left"* ]]
    is 4 "SELECT count(*) FROM t"
}

@test "transaction = false runs what no transaction takes" {
    file c.sql <<<"CREATE INDEX CONCURRENTLY t_v ON t (v); VACUUM t;"
    lua <<'LUA'
return { summary = "Index online", steps = { { sql = "c.sql", transaction = false } } }
LUA
    run_it
    exited 0
    is t "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass"
}

@test "a file that ends its own transaction is refused at that line" {
    file c.sql <<<$'UPDATE t SET v = \'a\';\nCOMMIT;\nUPDATE t SET v = \'b\';'
    lua <<'LUA'
return { summary = "Commit inside", steps = { { sql = "c.sql" } } }
LUA
    run_it
    exited 1
    has "$stderr" "the file ended the transaction" "c.sql:2" "transaction = false"
    is a "SELECT min(v) FROM t"
}

@test "a file or a function that leaves a transaction open fails and is rolled back" {
    file open.sql <<<"BEGIN; DELETE FROM t;"
    lua <<'LUA'
return { summary = "Leave it open", steps = { { sql = "open.sql", transaction = false } } }
LUA
    run_it
    exited 1
    has "$stderr" "left a transaction open"
    is 2 "SELECT count(*) FROM t"
    lua <<'LUA'
return { summary = "Leave it open", steps = { function(ctx)
  ctx.conn:exec "BEGIN"
  ctx.conn:exec "DELETE FROM t"
end } }
LUA
    run_it
    exited 1
    has "$stderr" "left a transaction open" "rolled back"
    is 2 "SELECT count(*) FROM t"
}

@test "a mistake that is found after a step was committed: exit 1, and the step is named; before any: exit 2" {
    file change.sql <<<"DELETE FROM t WHERE id = 2"
    cat >"$DIR/m.lua" <<'LUA'
local gen = require "partdemo.gen"
return { summary = "A column that is not there", { weight = 1, name = "a", insert = "t", row = gen.row { { "nope", gen.int(1, 2) } } } }
LUA
    lua <<'LUA'
return { summary = "Change, then load", steps = { { sql = "change.sql", say = "Change" }, { load = "m.lua", ops = 1 } } }
LUA
    run_it
    exited 1
    has "$stderr" 'step 2 "' "nope" 'done before, and not undone: step 1 "Change"'
    is 1 "SELECT count(*) FROM t"
    lua <<'LUA'
return { summary = "Load", steps = { { check = check.table "t" }, { load = "m.lua", ops = 1 } } }
LUA
    run_it
    exited 2
    has "$stderr" "nope"
    cp "$DIR/s.lua" "$DIR/inner.lua"
    lua <<'LUA'
return { summary = "Change, then others", steps = { { sql = "change.sql", say = "Change" }, { run = "mine/inner.lua" } } }
LUA
    run_it
    exited 1
    has "$stderr" "nope" 'done before, and not undone: step 1 "Change"'
}

@test "a function step that raises: exit 1, its file and line; later steps do not run" {
    file change.sql <<<"DELETE FROM t;"
    lua <<'LUA'
return { summary = "Raise", steps = {
  function(ctx)
    ctx.conn:exec "UPDATE t SET v = 'done'"
    error "on purpose"
  end,
  { sql = "change.sql" },
} }
LUA
    run_it
    exited 1
    has "$stderr" "s.lua:5: on purpose"
    is '2|done' "SELECT count(*), min(v) FROM t"
}

@test "an error shows file, line, column, the line with a caret, SQLSTATE, detail and hint" {
    printf '%s\n' "-- Größe: 日本語 in a comment" "SELECT :n, :'s', '日本語', länge(1)" "  FROM t;" >"$DIR/bad.sql"
    lua <<'LUA'
return {
  summary = "Fail", params = {
    { name = "n", type = "integer", default = 123456, help = "a number" },
    { name = "s", type = "string", default = "o'Größe", help = "a word" },
  },
  steps = { { sql = "bad.sql" } },
}
LUA
    run_it
    exited 1
    has "$stderr" "länge(integer) does not exist (42883)" "bad.sql:2:25" "  HINT:  No function matches" \
        "  LINE 2: SELECT 123456, 'o''Größe', '日本語', länge(1)"
    # As psql does it: the line as it was sent, and columns of a terminal, where a CJK sign takes two.
    [[ $(grep -A1 'LINE 2' <<<"$stderr" | tail -n 1) == "$(printf '%47s^' '')" ]]
    file bad.sql <<<$'INSERT INTO t VALUES (9, \'x\');\n\nINSERT INTO t VALUES (1, \'x\');'
    run_it
    exited 1
    has "$stderr" "23505" "bad.sql:3" "DETAIL:  Key (id)=(1) already exists."
    is 2 "SELECT count(*) FROM t"
}

@test "psql variables from parameters are safe, whatever is in them" {
    # shellcheck disable=SC2016
    file vars.sql <<'SQL'
CREATE TABLE :"table" (id int, v text);
INSERT INTO :"table" VALUES (:n, :'value'), (2, ':value :''value''');
SQL
    lua <<'LUA'
return {
  summary = "Variables", params = {
    { name = "table", type = "string", help = "a table" },
    { name = "value", type = "string", help = "a value" },
    { name = "n", type = "integer", default = 1, help = "a number" },
  },
  steps = { { sql = "vars.sql" } },
  after = { check.table '"${table}"' },
}
LUA
    local name="we'ird; DROP TABLE t; --Ö" value=$'it\'s; \\\'; DROP TABLE t; --"\n$$'
    run_it --table "$name" --value "$value" --n -5
    exited 0
    is "$name" "SELECT relname FROM pg_class WHERE relname LIKE 'we%'"
    is t "SELECT v = E'it\\'s; \\\\\\'; DROP TABLE t; --\"\\n\$\$' FROM \"$name\" WHERE id = -5"
    is ":value :'value'" "SELECT v FROM \"$name\" WHERE id = 2"
    is 2 "SELECT count(*) FROM t"
    run_it --table x --value y --n "1); DROP TABLE t; --"
    exited 2
    has "$stderr" "--n takes an integer"
    sed -i '/after/d' "$DIR/s.lua"
    run_it --table 'a"b' --value y
    exited 0
    is 2 'SELECT count(*) FROM "a""b"'
}

@test "warnings are shown on stderr, notices with -v" {
    file n.sql <<<"DO \$\$ BEGIN RAISE NOTICE 'look here'; RAISE WARNING 'beware'; END \$\$;"
    lua <<'LUA'
return { summary = "Notice", steps = { { sql = "n.sql" } } }
LUA
    run_it
    exited 0
    has "$stderr" "WARNING:  beware"
    [[ $stderr != *"look here"* ]]
    run_it -v
    has "$stderr" "NOTICE:  look here"
}

@test "a lock timeout is tried again as often as the step says" {
    file change.sql <<<"ALTER TABLE t ADD COLUMN w int;"
    lua <<'LUA'
return { summary = "Wait", steps = { { sql = "change.sql", lock_timeout = "200ms", retry = 10 } } }
LUA
    psql -XAtq -c "BEGIN; LOCK TABLE t; SELECT pg_sleep(1)" >/dev/null 2>&1 3>&- 4>&- &
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 't'::regclass AND granted"
    run_it
    exited 0
    has "$stderr" "55P03" "trying again, 1 of 10"
    is 1 "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'w'"
    psql -XAtq -c "BEGIN; LOCK TABLE t; SELECT pg_sleep(20)" >/dev/null 2>&1 3>&- 4>&- &
    wait_for sql_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 't'::regclass AND granted"
    sed -i 's/retry = 10/retry = 2/' "$DIR/s.lua"
    run_it
    exited 1
    has "$stderr" "trying again, 2 of 2" "55P03" "change.sql:1"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
}

@test "a statement that cannot run in a transaction says what the step needs" {
    file vacuum.sql <<<"VACUUM t;"
    lua <<'LUA'
return { summary = "Vacuum", steps = { { sql = "vacuum.sql" } } }
LUA
    run_it
    exited 1
    has "$stderr" "25001" "transaction = false"
    sed -i 's/"vacuum.sql"/"vacuum.sql", transaction = false/' "$DIR/s.lua"
    run_it
    exited 0
}

@test "every question is asked before the first step" {
    file first.sql <<<"INSERT INTO t VALUES (3, 'three');"
    file second.sql <<<"DELETE FROM t;"
    lua <<'LUA'
return {
  summary = "Ask",
  steps = { { sql = "first.sql" }, { sql = "second.sql", confirm = "Delete everything?" } },
}
LUA
    run_it
    exited 2
    has "$stderr" "not confirmed: Delete everything?" "--yes"
    is 2 "SELECT count(*) FROM t"
    run_it --yes
    exited 0
    is 0 "SELECT count(*) FROM t"
}

@test "a scenario runs another one, which may be done already or fail" {
    file change.sql <<<"INSERT INTO event_logs (event_type, user_id) VALUES ('mine', 1);"
    lua <<'LUA'
return { summary = "Nested", steps = { { run = "setup", params = { rows = 11 } }, { sql = "change.sql" } } }
LUA
    run_it
    exited 0
    is '406|1' "SELECT count(*), count(*) FILTER (WHERE event_type = 'mine') FROM event_logs"
    run_it
    exited 0
    has "$output" "setup: already done"
    is 2 "SELECT count(*) FROM event_logs WHERE event_type = 'mine'"
    sql "DROP TABLE sales_data, sales_data_old; CREATE VIEW sales_data AS SELECT 1"
    run_it
    exited 1
    has "$stderr" "step 1" "Create plain tables" "42P07"
    is 2 "SELECT count(*) FROM event_logs WHERE event_type = 'mine'"
}

@test "a table with odd names: partitioned, checked, counted" {
    file odd.sql <<'SQL'
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Odd ""t"" ${x}" ("Col 1" int, "select" text) PARTITION BY RANGE ("Col 1");
CREATE TABLE "My Schema"."p'1" PARTITION OF "My Schema"."Odd ""t"" ${x}" FOR VALUES FROM (0) TO (10);
CREATE TABLE "My Schema"."p'2" PARTITION OF "My Schema"."Odd ""t"" ${x}" FOR VALUES FROM (10) TO (20);
INSERT INTO "My Schema"."Odd ""t"" ${x}" SELECT i, 'r' FROM generate_series(0, 19) AS i;
SQL
    lua <<'LUA'
local name = '"My Schema"."Odd ""t"" ${x}"'
return {
  summary = "Odd", tables = { name }, steps = { { sql = "odd.sql" } },
  after = {
    check.partitioned { name, by = "range", key = '"Col 1"', leaves = 2 },
    check.partition { [["My Schema"."p'1"]], of = name, from = 0, to = 10 },
    check.tiled(name), check.indexed(name), check.rows { name, exactly = 20 },
    check.same_rows { name, name },
  },
}
LUA
    run_it --format json
    exited 0
    [[ $(node -p 'const d = JSON.parse(require("fs").readFileSync(process.argv[1]));
        [d.after[0].rows, d.after[0].partitions.length].join(" ")' "$BATS_TEST_TMPDIR/stdout") == "20 2" ]]
    run_it
    exited 0
    has "$output" "already done"
}

@test "rows of a table that is not there yet: the check fails, the scenario runs" {
    file make.sql <<<"CREATE TABLE copy AS TABLE t;"
    lua <<'LUA'
return { summary = "Copy", steps = { { sql = "make.sql" } }, after = { check.same_rows { "t", "copy" } } }
LUA
    run_it
    exited 0
}

@test "a scenario that only promises to lose nothing runs, and is held to it" {
    file change.sql <<<"UPDATE t SET v = 'changed' WHERE id = 2;"
    lua <<'LUA'
return { summary = "Keep", steps = { { sql = "change.sql" } }, after = { check.unchanged "t" } }
LUA
    run_it
    exited 4
    has "$output" "FAILED t has the rows that it had before: the counts are equal, the contents differ"
    is changed "SELECT v FROM t WHERE id = 2"
    run_it
    exited 0
    has "$output" "ok     t has the rows that it had before: 2 rows"
}

@test "what cannot be a scenario: exit 2 before any connection" {
    export PGHOST=/nowhere
    lua <<<'return { summary = "x", stpes = {} }'
    run_it
    exited 2
    has "$stderr" "unknown field 'stpes', did you mean 'steps'?" "the field 'steps' is missing"
    lua <<<'return { summary = "x", steps = { { sql = "gone.sql" } } }'
    run_it
    exited 2
    has "$stderr" "gone.sql is neither beside the scenario"
    file gone.sql <<<"SELECT 'open;"
    run_it
    exited 2
    has "$stderr" "gone.sql:1"
    file gone.sql <<<'\echo hello'
    run_it
    exited 2
    has "$stderr" "gone.sql:1"
    run_partdemo run mine/none.lua
    exited 2
    run_partdemo run mine
    exited 2
    has "$stderr" "is a directory"
}

@test "a file with an open quote sends nothing, not even the statements before it" {
    file a.sql <<<"DELETE FROM t;"
    file b.sql <<<$'DELETE FROM t;\nSELECT \'open;'
    lua <<<'return { summary = "x", steps = { { sql = "a.sql" }, { sql = "b.sql" } } }'
    run_it
    exited 2
    has "$stderr" "b.sql:2"
    is 2 "SELECT count(*) FROM t"
}

@test "the brief report has what a step says below the step, also when it fails" {
    file none.sql <<<"SELECT 1;"
    lua <<'LUA'
return { summary = "x", steps = {
  { sql = "none.sql", say = "First" },
  { call = function() print "said by the second" end, say = "Second" },
  { call = function() print "said by the third"; error "enough" end, say = "Third" },
} }
LUA
    run_it --brief
    exited 1
    [[ $output == *"[1/3] First"*"[2/3] Second"*"said by the second"*"said by the third"* ]]
    has "$stderr" "Third" "enough"
}
