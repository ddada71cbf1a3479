-- How online changes talk to the server: SQL files with variables, transactions that wait for locks only
-- briefly and try again.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sqlfile = require "partdemo.sqlfile"
local text = require "partdemo.text"

local sql = {}

local LONGEST_PAUSE = 2 -- seconds between two tries
local LOCK_SHARE = 0.5 -- of the longest stall, and of deadlock_timeout: so long a lock is waited for
local BUDGET_SHARE = 0.7 -- of the longest stall: by then every lock has to be there
local NOTE_EVERY = 5 -- seconds between two notes about what is waited for

local function read(ctx, name, vars)
  local path = files.sql(ctx.root, ctx.scenario.directory, ("online/%s.sql"):format(name))
  if not path then
    fail.raise("usage", ("sql/online/%s.sql is not there"):format(name))
  end
  local parsed, e = sqlfile.read(path, vars)
  if not parsed then
    error(e, 0)
  end
  return parsed, path
end

-- Statements, as text or of a file: counted, and shown with --verbose. With --dry-run they go to the plan instead.
function sql.exec(ctx, statement, ...)
  if ctx.plan then
    return ctx.plan:add(statement)
  end
  ctx.statements = ctx.statements + 1
  if report.is_verbose() then
    report.say(report.paint("        " .. statement:gsub("\n", "\n        "), "gray"))
  end
  return ctx.conn:exec(statement, ...)
end

-- A comment of what is sent next, for a plan.
function sql.remark(ctx, comment)
  if ctx.plan then
    ctx.plan:explain(comment)
  end
end

-- A name as an identifier, quoted if need be, with its schema if one is given.
function sql.name(conn, name, schema)
  local statement = schema and "SELECT format('%I.%I', $2::text, $1::text) AS name"
    or "SELECT quote_ident($1) AS name"
  return (schema and conn:exec(statement, name, schema) or conn:exec(statement, name))[1].name
end

-- Runs sql/online/NAME.sql statement by statement; the last one's result.
function sql.run(ctx, name, vars)
  local parsed, path = read(ctx, name, vars)
  local result
  for i = 1, #parsed do
    local statement = parsed:statement(i)
    sql.remark(ctx, statement.comment)
    local ok, answer = pcall(sql.exec, ctx, statement.sql)
    if not ok then
      error(sqlfile.locate(answer, parsed, i, path), 0)
    end
    result = answer
  end
  return result
end

-- The statements of the file { sql, comment }.
function sql.list(ctx, name, vars)
  local parsed = read(ctx, name, vars)
  local statements = {}
  for i = 1, #parsed do
    statements[i] = parsed:statement(i)
  end
  return statements
end

-- The file as one string, to be sent at once.
function sql.text(ctx, name, vars)
  local statements = sql.list(ctx, name, vars)
  for i, statement in ipairs(statements) do
    local comment = ctx.plan and statement.comment
    statements[i] = (comment and "-- " .. comment:gsub("\n", "\n-- ") .. "\n" or "")
      .. statement.sql
  end
  return table.concat(statements, ";\n")
end

-- The same as sql.run() of a file that only reads what is there already: a plan gets its answer, too, as it has
-- to foresee what is refused.
function sql.look(ctx, name, vars)
  local answer = sql.run(ctx, name, vars)
  return ctx.plan and ctx.conn:exec(sql.text(ctx, name, vars)) or answer
end

-- Statements that only begin and end something: not counted.
local function frame(ctx, statement)
  if ctx.plan then
    ctx.plan:frame(statement)
  else
    ctx.conn:exec(statement)
  end
end

local BEGIN = "BEGIN ISOLATION LEVEL %s"
local WAIT = "SET LOCAL lock_timeout = %d"

local function milliseconds(lock_timeout)
  return math.floor((lock_timeout or 0) * 1000)
end

-- What f returns, run in a transaction.
local function transaction(ctx, level, lock_timeout, f)
  frame(ctx, BEGIN:format(level))
  if lock_timeout then
    frame(ctx, WAIT:format(milliseconds(lock_timeout)))
  end
  local ok, result = fail.call(f)
  if not ok then
    sqlfile.roll_back(ctx.conn)
    error(result, 0)
  end
  frame(ctx, "COMMIT")
  return result
end

-- Runs f in a transaction; lock_timeout in seconds, none when nil.
function sql.transaction(ctx, lock_timeout, f)
  transaction(ctx, "READ COMMITTED", lock_timeout or 0, f)
end

-- What f returns, run in a transaction with one snapshot.
function sql.snapshot(ctx, f)
  return transaction(ctx, "REPEATABLE READ", nil, f)
end

-- Runs f in a transaction that is rolled back; what f gives.
function sql.trial(conn, lock_timeout, f)
  conn:exec(BEGIN:format "READ COMMITTED")
  conn:exec(WAIT:format(milliseconds(lock_timeout)))
  local ok, result = fail.call(f)
  sqlfile.roll_back(conn)
  if not ok then
    error(result, 0)
  end
  return result
end

-- The same as a part of the change, which a plan lists. Others may wait behind its locks.
function sql.rehearsal(ctx, f)
  local lock_timeout = sql.lock_timeout(ctx, text.duration(ctx.params.stall)) / 1000
  if not ctx.plan then
    return sql.trial(ctx.conn, lock_timeout, f)
  end
  frame(ctx, BEGIN:format "READ COMMITTED")
  frame(ctx, WAIT:format(milliseconds(lock_timeout)))
  local result = f()
  frame(ctx, "ROLLBACK")
  return result
end

local function describe_sessions(found)
  local words = {}
  for i, row in ipairs(found) do
    words[i] = ("pid %d (%s, %s%s%s)"):format(
      row.pid,
      row.role or "no role",
      row.application or "unnamed",
      row.state and ", " .. row.state or "",
      row.since and ", for " .. row.since or ""
    )
  end
  return table.concat(words, ", ")
end
sql.describe_sessions = describe_sessions

-- Whoever holds a lock on one of the tables at this moment, in words.
function sql.lock_holders(ctx, oids)
  local found =
    catalog.query(ctx.conn, "online_lock_holders", "{" .. table.concat(oids, ",") .. "}")
  return #found > 0 and describe_sessions(found) or nil
end

-- How many milliseconds a try that may stop others for `stall` seconds waits for a lock: half of them, and less
-- than it takes others to look for a deadlock. A session that waits the other way round would be its victim.
function sql.lock_timeout(ctx, stall)
  local query = "SELECT reset_val::bigint AS ms FROM pg_settings WHERE name = 'deadlock_timeout'"
  local longest = math.min(stall * 1000, ctx.conn:exec(query)[1].ms)
  return math.max(1, math.floor(longest * LOCK_SHARE))
end

-- Variables of files by --stall: how long a lock is waited for, how long a statement may last, and how much of
-- it may be gone when every lock is there.
function sql.set_limits(ctx, vars)
  local stall = text.duration(ctx.params.stall)
  vars.lock_timeout = tostring(sql.lock_timeout(ctx, stall))
  vars.statement_timeout = tostring(math.max(1, math.floor(stall * 1000)))
  vars.budget = ("%d ms"):format(math.floor(stall * BUDGET_SHARE * 1000))
end

-- Calls say(message) at once and then every few seconds.
function sql.reminder()
  local last
  return function(message)
    if not last or sched.now() - last >= NOTE_EVERY then
      report.note("      " .. message)
      last = sched.now()
    end
  end
end

-- A time after which a wait is given up. expired(why, hint) raises when it has come.
function sql.patience(ctx)
  local limit = text.duration(ctx.params.patience)
  local begun = sched.now()
  return function(why)
    if sched.now() - begun >= limit then
      fail.raise("failed", ("gave up after %s: %s"):format(text.seconds(limit), why), {
        hint = "Nothing is lost: the same command goes on from here, --patience makes it wait longer, "
          .. "--abort removes every trace.",
      })
    end
  end
end

local ALTERED = "PD001" -- what a try found not to be so any more
-- Locks not granted, deadlocks, and what a try itself found not to be so yet (PD002).
local retried = { ["55P03"] = true, ["40P01"] = true, ["40001"] = true, ["PD002"] = true }

-- Runs f until it gets its locks, with pauses of random length that grow. oids: the tables that it locks.
-- timeouts: statement_timeout is f's own, and means the same. How often it was tried in vain.
function sql.ladder(ctx, what, oids, f, timeouts)
  if ctx.plan then
    sql.remark(ctx, "Tried again until every lock comes in time")
    f()
    return 0
  end
  local expired, remind = sql.patience(ctx), sql.reminder()
  for try = 1, math.huge do
    local ok, e = fail.call(f)
    if ok then
      return try - 1
    end
    sqlfile.roll_back(ctx.conn)
    if ctx.rehearsal then
      ctx.rehearsal:heed() -- it was a cancel because of --max-stall, no timeout
    end
    if type(e) == "table" and e.sqlstate == ALTERED then
      fail.raise("check", e.message, {
        hint = "What was captured may not be all: --abort removes every trace, then begin again.",
      })
    end
    local again = type(e) == "table"
      and (retried[e.sqlstate] or timeouts and e.sqlstate == "57014" and e.kind == "sql")
    if not again then
      error(e, 0)
    end
    local holders = sql.lock_holders(ctx, oids)
    local why = ("%s: %s%s"):format(what, e.message, holders and "; in use by " .. holders or "")
    expired(why)
    remind(("%s; trying again"):format(why))
    sched.sleep(math.min(0.05 * 1.5 ^ (try - 1), LONGEST_PAUSE) * (0.5 + math.random()))
  end
end

-- Runs f in a transaction that waits for its locks no longer than a part of --stall, until it gets them: others wait
-- behind it. The rest as sql.ladder().
function sql.briefly(ctx, what, oids, f, timeouts)
  local seconds = sql.lock_timeout(ctx, text.duration(ctx.params.stall)) / 1000
  return sql.ladder(ctx, what, oids, function()
    sql.transaction(ctx, seconds, f)
  end, timeouts)
end

return sql
