-- Runs an SQL file statement by statement, in one transaction unless told otherwise.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local sched = require "partdemo.sched"
local sqltext = require "partdemo.sqltext"
local interrupt = require "partdemo.interrupt"
local text = require "partdemo.text"

local sqlfile = {}

-- Reads and splits a file with psql variables and, if given, other names for identifiers; the statements, or
-- nil and an error with file and line.
function sqlfile.read(path, vars, names)
  local bytes, why = files.read(path)
  if not bytes then
    return nil, { kind = "input", message = why }
  end
  local valid, wrong = utf8.len(bytes)
  if not valid then
    local _, lines = bytes:sub(1, wrong):gsub("\n", "")
    return nil, { kind = "input", message = "not UTF-8 text", file = path, line = lines + 1 }
  end
  local parsed, e = sqltext.split(bytes, vars or {}, names)
  if not parsed then
    e.file = path
  end
  return parsed, e
end

-- What to do about errors whose own words do not say it.
local hints = {
  ["25001"] = "Give the step transaction = false: this statement cannot run in a transaction.",
  ["53200"] = "Each partition takes locks: raise max_locks_per_transaction, or do less in one transaction.",
  ["55P03"] = "lock_timeout and retry of the step say how long to try; "
    .. "SELECT pg_terminate_backend(PID) ends a session.",
  ["57014"] = "Unless you ended it, statement_timeout did: SHOW statement_timeout tells what the role has.",
}

-- Characters that were sent before the statement: "EXPLAIN (...) ".
local function prefix_of(e, statement)
  local before = #(e.sql or "") - #statement.sql
  local ends = before > 0 and e.sql:sub(before + 1) == statement.sql
  return ends and utf8.len(e.sql, 1, before) or 0
end

-- Adds to a statement's error where it is in the file.
local function locate(e, parsed, i, path)
  if type(e) ~= "table" or e.kind == "interrupt" then
    return e
  end
  e.file = path
  e.hint = e.hint or hints[e.sqlstate]
  local statement = parsed:statement(i)
  e.line = statement.line
  local position = e.position and e.position - prefix_of(e, statement)
  local place = position and parsed:locate(i, position)
  if place then
    e.line, e.column, e.source = place.line, place.column, place.text
    e.caret = text.columns(place.text, place.caret)
  end
  return e
end

-- The first line of a statement's comment, else its first words.
local function label(statement)
  if statement.comment then
    return statement.comment:match "^[^\n]*"
  end
  return (statement.sql:gsub("%s+", " "))
end

local function take_notices(conn, on_notice)
  for notice in
    function()
      return conn:notice()
    end
  do
    on_notice(notice)
  end
end

-- Runs one statement of what sqlfile.read() gave; its result. An error knows its place in the file.
function sqlfile.exec(conn, parsed, i, path)
  local ok, result = pcall(conn.exec, conn, parsed:statement(i).sql)
  if not ok then
    error(locate(result, parsed, i, path), 0)
  end
  return result
end

local function run_statement(conn, parsed, i, path, opts)
  local statement = parsed:statement(i)
  local begun = sched.now()
  local ok, result = pcall(opts.watch, function()
    return sqlfile.exec(conn, parsed, i, path)
  end)
  take_notices(conn, opts.on_notice)
  if not ok then
    error(result, 0)
  end
  local rows = result.affected
  if rows == nil and #result.columns > 0 then
    rows = #result
  end
  opts.on_statement {
    label = label(statement),
    sql = statement.sql,
    line = statement.line,
    seconds = sched.now() - begun,
    rows = rows,
    result = result,
  }
  if opts.transaction and conn:status() == "idle" then
    error({
      message = "the file ended the transaction that it runs in",
      file = path,
      line = statement.line,
      hint = "Take BEGIN and COMMIT out of the file, or give the step transaction = false.",
    }, 0)
  end
end

local function commit(conn)
  local ok, e = pcall(conn.exec, conn, "COMMIT")
  if ok then
    return
  elseif type(e) == "table" and e.kind == "connection" then
    e.hint = "The connection was lost at COMMIT: whether the file took effect is unknown. Run the scenario "
      .. "again; it looks what is there."
  end
  error(e, 0)
end

-- Rolls back what is open. True when nothing is left open.
local function roll_back(conn)
  local status = conn:status()
  if status == "idle" then
    return true
  elseif status ~= "transaction" and status ~= "failed transaction" then
    return false
  end
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  return (pcall(conn.exec, conn, "ROLLBACK"))
end

-- Runs the statements that sqlfile.read() gave. opts: transaction (true), lock_timeout in seconds,
-- watch(f) that runs f while it may wait, on_statement(row), on_notice(text), before_commit(). Raises the error
-- table; what was open is rolled back then.
function sqlfile.run(conn, parsed, path, opts)
  local ok, e = fail.call(function()
    if opts.transaction then
      conn:exec "BEGIN"
    end
    if opts.lock_timeout then
      local sql = "SET %s lock_timeout = %d"
      conn:exec(
        sql:format(opts.transaction and "LOCAL" or "SESSION", math.floor(opts.lock_timeout * 1000))
      )
    end
    for i = 1, #parsed do
      run_statement(conn, parsed, i, path, opts)
    end
    if opts.before_commit then
      opts.before_commit()
    end
    if opts.transaction then
      commit(conn)
    elseif conn:status() ~= "idle" then
      error({ message = "the file left a transaction open; it was rolled back", file = path }, 0)
    end
  end)
  if not ok then
    local open = conn:status() ~= "idle"
    if roll_back(conn) and open and opts.transaction and type(e) == "table" and not e.class then
      e.note = "The file was rolled back: nothing of it is left."
    end
    error(e, 0)
  end
end

sqlfile.roll_back = roll_back
sqlfile.locate = locate

return sqlfile
