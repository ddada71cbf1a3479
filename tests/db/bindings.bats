#!/usr/bin/env bats
# The connection as scenarios see it (ctx.conn), on a real server; psql is the judge of what happened.
bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "log_min_messages = fatal"
}

teardown_file() {
    pg_stop
}

setup() {
    fresh_db "bindings_$BATS_TEST_NUMBER"
}

# step: runs Lua from stdin as the one step of a scenario. `raises(part, f, ...)` gives the error.
step() {
    local file=$BATS_TEST_TMPDIR/scenario.lua
    {
        cat <<'LUA'
local conn_ = require "partdemo.conn"
local sched = require "partdemo.sched"
local interrupt = require "partdemo.interrupt"
local function raises(part, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "no error")
  assert(tostring(e):find(part, 1, true), tostring(e))
  return e
end
local function connect()
  return assert(conn_.connect({}, { client_encoding = "LATIN1", application_name = "other" }))
end
local function step(ctx)
  local conn = ctx.conn
  assert(conn_ and sched and interrupt and raises and connect)
LUA
        cat
        printf '%s\n' end 'return { summary = "test", steps = { step } }'
    } >"$file"
    run_partdemo run "$file"
}

ok() {
    step
    # shellcheck disable=SC2154 # set by run_partdemo
    if ((status != 0)); then
        printf '%s\n' "status $status" "$output" "$stderr"
        return 1
    fi
}

@test "parameters go as they are, and come back as they went" {
    sql "CREATE TABLE t (i int, b bigint, f float8, n numeric, x text, ok bool, d date)"
    ok <<'LUA'
  conn:exec("INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7)", 7, math.maxinteger, 0.1 + 0.2, 0.1, "a'\\\u{e9}\n", true, "2024-02-29")
  conn:exec("INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7)", nil, nil, nil, nil, nil, nil, nil)
  conn:exec("INSERT INTO t (i, f, ok, x) VALUES ($1,$2,$3,$4)", 3.0, -1 / 0, false, "")
  conn:exec("INSERT INTO t (f) VALUES ($1)", 0 / 0)
  local r = conn:exec "SELECT * FROM t"
  assert(#r == 4 and r.command == "SELECT" and r.affected == 4)
  assert(r[1].i == 7 and r[1].b == math.maxinteger and r[1].f == 0.1 + 0.2 and r[1].n == "0.1")
  assert(r[1].x == "a'\\\u{e9}\n" and r[1].ok == true and r[1].d == "2024-02-29")
  assert(next(r[2]) == nil)
  assert(r[3].i == 3 and r[3].f == -math.huge and r[3].ok == false and r[3].x == "" and r[3].n == nil)
  assert(r[4].f ~= r[4].f)
  assert(table.concat(r.columns, " ") == "i b f n x ok d" and r.types[2][1] == 20 and r.types[1][2] == -1)
LUA
    [ "$(sql "SELECT i, b, f, n, x = E'a''\\\\é\n', ok, d FROM t WHERE i = 7")" = "7|9223372036854775807|0.30000000000000004|0.1|t|t|2024-02-29" ]
    [ "$(sql "SELECT count(*) FROM t WHERE (i, b, f, n, x, ok, d) IS NULL")" = 1 ]
}

@test "what is no parameter is refused before anything is sent" {
    sql "CREATE TABLE t (x text)"
    ok <<'LUA'
  raises("NUL byte", conn.exec, conn, "INSERT INTO t VALUES ($1)", "a\0b")
  raises("NUL byte", conn.exec, conn, "INSERT INTO t VALUES ('a')\0")
  raises("NUL byte", conn.literal, conn, "a\0b")
  raises("NUL byte", conn.ident, conn, "a\0b")
  raises("string expected", conn.exec, conn, "INSERT INTO t VALUES ($1)", {})
  raises("string expected", conn.exec, conn)
  raises("at most 64", conn.exec, conn, "SELECT", table.unpack({}, 1, 65))
  assert(raises("cannot quote", conn.literal, conn, "\xff").kind == "input")
  raises("cannot quote", conn.ident, conn, "\xc3")
  assert(conn:ident "a\"b" == '"a""b"' and conn:literal "it's \\" == " E'it''s \\\\'")
  assert(conn:literal(("'"):rep(10000)) == "'" .. ("''"):rep(10000) .. "'" and conn:ident "" == '""')
  local e = raises("syntax error", conn.exec, conn, "SELEC 1")
  assert(e.kind == "sql" and e.sqlstate == "42601" and e.position == 1 and e.sql == "SELEC 1")
  e = raises("invalid input syntax", conn.exec, conn, "SELECT $1::int", "x")
  assert(e.kind == "sql" and e.sqlstate == "22P02")
  assert(conn:status() == "idle")
LUA
    [ "$(sql "SELECT count(*) FROM t")" = 0 ]
}

@test "several statements in one string: one transaction, the first error counts" {
    sql "CREATE TABLE t (i int)"
    ok <<'LUA'
  assert(conn:exec("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2), (3); SELECT 4 AS four")[1].four == 4)
  assert(conn:exec("INSERT INTO t VALUES (4); DELETE FROM t WHERE i = 4").affected == 1)
  local e = raises("division by zero", conn.exec, conn, "INSERT INTO t VALUES (5); SELECT 1/0; SELECT nothing")
  assert(e.sqlstate == "22012" and conn:status() == "idle")
  raises("cannot insert multiple commands", conn.exec, conn, "SELECT $1; SELECT 2", "x")
  local empty = conn:exec ""
  assert(#empty == 0 and empty.command == "" and empty.affected == nil)
  raises("division by zero", conn.exec, conn, "BEGIN; SELECT 1/0")
  assert(conn:status() == "failed transaction")
  conn:exec "ROLLBACK"
LUA
    [ "$(sql "SELECT string_agg(i::text, ',' ORDER BY i) FROM t")" = 1,2,3 ]
}

@test "big results, in a task, in a coroutine and where nothing can yield" {
    ok <<'LUA'
  local sql = "SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 60000) i"
  local function look()
    local r = conn:exec(sql)
    assert(#r == 60000 and r[60000].i == 60000 and #r[60000].x == 1000)
  end
  look()
  coroutine.wrap(look)()
  local list = { 2, 1 }
  table.sort(list, function(a, b)
    look()
    return a < b
  end)
LUA
}

@test "COPY: refused where none is expected, and the connection goes on" {
    sql "CREATE TABLE t (i int)"
    ok <<'LUA'
  local e = raises("no rows to copy here", conn.exec, conn, "COPY t FROM STDIN")
  assert(e.kind == "sql" and e.sqlstate == "57014" and conn:status() == "idle")
  raises("no rows to copy", conn.exec, conn, "INSERT INTO t VALUES (1); COPY t FROM STDIN; INSERT INTO t VALUES (2)")
  assert(conn:exec("SELECT count(*) AS n FROM t")[1].n == 0)
  local other = connect()
  e = raises("TO STDOUT is not possible", other.exec, other, "COPY t TO STDOUT")
  assert(e.kind == "input" and other:status() == "closed")
  assert(raises("is closed", other.exec, other, "SELECT 1").kind == "connection")
  -- copy_end() without a COPY, and statements within one
  assert(raises("COPY", conn.copy_end, conn).kind == "system")
  assert(conn:status() == "idle")
  conn:copy_in "COPY t FROM STDIN"
  assert(raises("in progress", conn.exec, conn, "SELECT 1").kind == "system")
  raises("changed my mind", conn.copy_end, conn, "changed my mind")
  assert(conn:status() == "idle" and conn:copy_in("SELECT 5 AS five")[1].five == 5)
  conn:copy_in "COPY t FROM STDIN"
  assert(conn:copy_end().affected == 0)
LUA
    [ "$(sql "SELECT count(*) FROM t")" = 0 ]
}

@test "two connections wait at once" {
    ok <<'LUA'
  local begun = sched.now()
  local tasks = {}
  for i = 1, 4 do
    tasks[i] = sched.spawn(function()
      local c <close> = connect()
      assert(c:exec("SHOW client_encoding")[1].client_encoding == "UTF8")
      c:exec "SELECT pg_sleep(1)"
      return c:info().pid
    end)
  end
  local pids = {}
  for i = 1, 4 do
    local pid = tasks[i]:join()
    assert(not pids[pid])
    pids[pid] = true
  end
  assert(sched.now() - begun < 3.5, "they waited one after the other")
LUA
}

@test "a connection is closed while a task waits for it" {
    ok <<'LUA'
  local c = connect()
  local t = sched.spawn(function()
    return select(2, pcall(c.exec, c, "SELECT pg_sleep(60)"))
  end)
  sched.sleep(0.1)
  raises("is busy", c.exec, c, "SELECT 1")
  assert(c:status() == "active")
  local begun = sched.now()
  c:close()
  local next_one = connect() -- gets the same descriptor
  local e = t:join()
  assert(e.kind == "connection" and e.message:find "closed" and sched.now() - begun < 10)
  assert(next_one:exec("SELECT 1 AS one")[1].one == 1)
  c:close()
  assert(c:status() == "closed" and c:notice() == nil)
LUA
}

@test "a backend that is terminated: a connection error with its SQLSTATE" {
    ok <<'LUA'
  local c = connect()
  conn:exec("SELECT pg_terminate_backend($1, 5000)", c:info().pid)
  local e = raises("administrator command", c.exec, c, "SELECT 1")
  assert(e.kind == "connection" and e.sqlstate == "57P01" and c:status() == "lost")
  assert(raises("closed", c.exec, c, "SELECT 1").kind == "connection")
  -- in the middle of a statement, after an earlier success
  c = connect()
  local t = sched.spawn(function()
    return select(2, pcall(c.exec, c, "SELECT 1; SELECT pg_sleep(60)"))
  end)
  sched.sleep(0.2)
  conn:exec("SELECT pg_terminate_backend($1)", c:info().pid)
  e = t:join()
  assert(e.kind == "connection" and e.sqlstate == "57P01" and c:status() == "lost", e.kind)
  -- a class 08 that a statement raises is not the loss of this connection
  e = raises("far away", conn.exec, conn, "DO $$ BEGIN RAISE 'far away' USING ERRCODE = '08006'; END $$")
  assert(e.kind == "sql" and e.sqlstate == "08006" and conn:status() == "idle")
LUA
}

@test "who cannot connect gets nil and an error" {
    ok <<'LUA'
  local c, e = conn_.connect({ dbname = "no_such_database" })
  assert(c == nil and e.kind == "connection" and e.message:find "no_such_database")
  c, e = conn_.connect({ host = "/nonexistent" })
  assert(c == nil and e.kind == "connection")
  c, e = conn_.connect({ nonsense = "1" })
  assert(c == nil and e.kind == "connection" and e.message:find "nonsense")
  raises("must be strings", conn_.connect, { port = 5432 })
LUA
}

@test "notices: a hundred are kept, the rest is counted" {
    ok <<'LUA'
  conn:exec "DO $$ BEGIN FOR i IN 1..25000 LOOP RAISE NOTICE 'n%', i; END LOOP; RAISE WARNING 'w'; END $$"
  for i = 1, 100 do
    assert(conn:notice() == ("NOTICE:  n%d"):format(i))
  end
  assert(conn:notice() == "NOTICE:  and 24901 more notices" and conn:notice() == nil)
  conn:exec "DO $$ BEGIN RAISE WARNING '%', repeat('x', 5000); END $$"
  local long = conn:notice()
  assert(long:find "^WARNING:  xxx" and #long < 2048 and conn:notice() == nil)
LUA
}

# background NAME: runs step's scenario in the background until the server shows a statement with NAME.
background() {
    local i
    "$PARTDEMO" run "$BATS_TEST_TMPDIR/scenario.lua" >"$BATS_TEST_TMPDIR/stdout" \
        2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- &
    pid=$!
    for ((i = 0; i < 200; i++)); do
        [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%$1%' AND pid <> pg_backend_pid()") = 0 ]] || return 0
        sleep 0.1
    done
    cat "$BATS_TEST_TMPDIR/stderr"
    return 1
}

@test "a signal cancels the running statement and rolls back; teardown is shielded" {
    sql "CREATE TABLE t (i int)"
    cat >"$BATS_TEST_TMPDIR/scenario.lua" <<'LUA'
local interrupt = require "partdemo.interrupt"
return { summary = "test", steps = { function(ctx)
  local conn = ctx.conn
  conn:exec "BEGIN; INSERT INTO t VALUES (1)"
  local ok, e = pcall(conn.exec, conn, "SELECT pg_sleep(300) /* wait_here */")
  assert(not ok and e.kind == "interrupt")
  assert(conn:status() == "failed transaction")
  -- swallowed: still nothing new is begun
  local again, why = pcall(conn.exec, conn, "ROLLBACK; INSERT INTO t VALUES (2)")
  assert(not again and why.kind == "interrupt" and conn:status() == "failed transaction")
  local shield <close> = interrupt.shield()
  conn:exec "ROLLBACK; INSERT INTO t VALUES (3)"
  error(e, 0)
end } }
LUA
    background wait_here
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ] || { cat "$BATS_TEST_TMPDIR/stderr"; false; }
    [ "$(sql "SELECT string_agg(i::text, ',') FROM t")" = 3 ]
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%wait_here%' AND pid <> pg_backend_pid()")" = 0 ]
}

@test "a signal reaches a statement that waits in a coroutine, with other tasks about" {
    sql "CREATE TABLE t (i int)"
    cat >"$BATS_TEST_TMPDIR/scenario.lua" <<'LUA'
local conn_ = require "partdemo.conn"
local sched = require "partdemo.sched"
return { summary = "test", steps = { function(ctx)
  sched.spawn(function()
    local c <close> = assert(conn_.connect({}))
    c:exec "SELECT pg_sleep(300) /* wait_too */"
  end)
  sched.sleep(0.2)
  coroutine.wrap(function()
    ctx.conn:exec "SELECT pg_sleep(300) /* wait_here */"
  end)()
end } }
LUA
    background wait_here
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 143 ] || { cat "$BATS_TEST_TMPDIR/stderr"; false; }
}
