-- Workload mixes: loaded and checked without a server, then given to the worker threads.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local json = require "partdemo.json"
local sandbox = require "partdemo.sandbox"
local schema = require "partdemo.schema"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local mix = {}

local FIRST_PURPOSE = 1000 -- of the random streams of Lua operations: below are those of core/rng.h

local function weight(value, path, report)
  if type(value) ~= "number" or not (value > 0 and value < math.huge) then
    report(path, "expected a positive, finite number")
  end
end

local function row(value, path, report)
  if type(value) ~= "userdata" then
    report(path, "expected a row made by gen.row, got " .. (math.type(value) or type(value)))
  end
end

local entry = {
  fields = {
    weight = weight,
    name = "string",
    insert = "string",
    row = row,
    sql = "string",
    params = row,
    run = "function",
    on_error = function(value, path, report)
      if value ~= "stop" and value ~= "count" then
        report(path, 'expected "stop" or "count"')
      end
    end,
  },
  required = { "weight", "name" },
}

local function check_entry(value, path, report)
  schema.walk(value, entry, path, report)
  if type(value) ~= "table" then
    return
  elseif value.insert and not value.row then
    report(path, "an insert needs a row")
  end
  local kinds = (value.insert and 1 or 0) + (value.sql and 1 or 0) + (value.run and 1 or 0)
  if kinds ~= 1 then
    report(path, "expected one of insert, sql, run")
  end
end

local function path_of(root, given)
  if given:find "%.lua$" then
    return given
  end
  local path = ("%s/scenarios/mixes/%s.lua"):format(root, given)
  if sys.kind(path) then
    return path
  end
  local names = {}
  for _, name in ipairs(sys.list(root .. "/scenarios/mixes") or {}) do
    names[#names + 1] = name:match "^([^.].*)%.lua$"
  end
  fail.raise("usage", ("unknown mix '%s'%s"):format(given, text.did_you_mean(given, names)), {
    hint = "A mix is a name from scenarios/mixes or the path of a .lua file.",
  })
end

-- Loads a mix by name or path; { name, path, summary, entries }. Raises a usage failure with all mistakes.
function mix.load(root, given)
  local path = path_of(root, given)
  local value = sandbox.load(path, { files.directory_of(path), root .. "/scenarios" })
  local mistakes, names = {}, {}
  if type(value) ~= "table" then
    mistakes[1] = "a mix returns a table, this file returns " .. type(value)
  else
    if type(value.summary) ~= "string" then
      mistakes[1] = "the field 'summary' is missing"
    end
    for key in pairs(value) do
      if key ~= "summary" and not (math.type(key) == "integer" and key >= 1 and key <= #value) then
        mistakes[#mistakes + 1] = ("unknown field '%s'"):format(tostring(key))
      end
    end
    for i, each in ipairs(value) do
      check_entry(each, ("[%d]"):format(i), function(at, message)
        mistakes[#mistakes + 1] = ("%s: %s"):format(at, message)
      end)
      local name = type(each) == "table" and each.name
      if name and names[name] then
        mistakes[#mistakes + 1] = ("[%d]: the name '%s' is there twice"):format(i, name)
      end
      names[name or i] = true
    end
    if #value == 0 then
      mistakes[#mistakes + 1] = "the mix has no entry"
    end
  end
  if #mistakes > 0 then
    local head = #mistakes == 1 and "%s: %s" or "%s:\n  %s"
    fail.raise("usage", head:format(path, table.concat(mistakes, "\n  ")))
  end
  return { name = given, path = path, root = root, summary = value.summary, entries = value }
end

-- Lua entries are performed one by one: refused before anything is sent.
function mix.check_pipeline(loaded, pipeline)
  for _, each in ipairs(loaded.entries) do
    if each.run and pipeline > 1 then
      local message = "%s: entry '%s' is a Lua function, which cannot be pipelined"
      fail.raise(
        "usage",
        message:format(loaded.path, each.name),
        { hint = "Leave --pipeline out." }
      )
    end
  end
end

local function column_names(conn, of)
  local names = {}
  for i, column in ipairs(of:describe()) do
    names[i] = conn:ident(column.name)
  end
  return names
end

-- The statement and the parameters' types of an insert.
local function prepare_insert(conn, each)
  local catalog = require "partdemo.catalog"
  local names = column_names(conn, each.row)
  local columns, marks = table.concat(names, ", "), {}
  for i = 1, #names do
    marks[i] = "$" .. i
  end
  local into = catalog.quoted(conn, each.insert)
  return {
    sql = ("INSERT INTO %s (%s) VALUES (%s)"):format(into, columns, table.concat(marks, ", ")),
    types = conn:exec(("SELECT %s FROM %s LIMIT 0"):format(columns, into)).types,
  }
end

-- Raises what the server has against a statement.
local function try_statement(conn, sql, of)
  local types = {}
  for i, column in ipairs(of and of:describe() or {}) do
    types[i] = column.type or "unknown"
  end
  local list = #types > 0 and ("(%s)"):format(table.concat(types, ", ")) or ""
  conn:exec(("PREPARE partdemo_try%s AS %s"):format(list, sql))
  conn:exec "DEALLOCATE partdemo_try"
end

local KEYS = 10000 -- values sampled of a column that gen.key() draws from

-- A sample of the keys that a row draws from: { { type = name, values = { text, ... } }, ... } in the order
-- of row:keys().
local function sample_keys(conn, of)
  local catalog = require "partdemo.catalog"
  local samples = json.array {}
  for i, key in ipairs(of:keys()) do
    local from, column = catalog.quoted(conn, key.table), conn:ident(key.column)
    local estimate = math.max(catalog.first(conn, "estimated_rows", key.table).rows, 1)
    local percent = math.min(100, 100 * 2 * KEYS / estimate)
    local sql =
      "SELECT %s AS value, pg_typeof(%s)::text AS type FROM %s TABLESAMPLE SYSTEM (%.6f) WHERE %s IS NOT NULL LIMIT %d"
    local rows = conn:exec(sql:format(column, column, from, percent, column, KEYS))
    local values = json.array {}
    for n, row_ in ipairs(rows) do
      values[n] = tostring(row_.value)
    end
    if #values == 0 then
      error(("%s has no rows to take keys from"):format(key.table), 0)
    end
    samples[i] = { type = rows[1].type, values = values }
  end
  return samples
end

-- Gives a row its keys; then its parameters have types.
local function set_keys(of, samples)
  for i, key in ipairs(of:keys()) do
    key.key:set(samples[i].type, samples[i].values)
  end
end

-- What the workers need besides the file itself, as JSON: statements, types, sampled keys. Raises when a
-- table or column does not exist or values might not fit.
function mix.job(conn, loaded)
  local prepared = json.array {}
  for i, each in ipairs(loaded.entries) do
    local ok, result = pcall(function()
      local made = each.insert and prepare_insert(conn, each) or { sql = each.sql }
      local of = each.row or each.params
      if of then
        made.keys = sample_keys(conn, of)
        set_keys(of, made.keys)
        of = of:bound(made.types)
      end
      if made.sql then
        try_statement(conn, made.sql, of)
      end
      return made
    end)
    if not ok then
      local kind = type(result) == "table" and result.kind
      if kind == "interrupt" or kind == "connection" then
        error(result, 0)
      end
      fail.raise("usage", ("%s: entry '%s': %s"):format(loaded.path, each.name, tostring(result)))
    end
    prepared[i] = result
  end
  return json.encode { path = loaded.path, root = loaded.root, entries = prepared }
end

-- In a worker's state: the entries for bind/load.c, from what job() made.
function mix.worker(job)
  job = assert(json.decode(job))
  local loaded = mix.load(job.root, job.path)
  local entries = {}
  for i, each in ipairs(loaded.entries) do
    local made = job.entries[i]
    local of = each.row or each.params
    if of then
      set_keys(of, made.keys)
    end
    entries[i] = {
      name = each.name,
      weight = each.weight,
      sql = made.sql,
      row = of and of:bound(made.types),
      run = each.run,
      stop_on_error = each.on_error == "stop",
    }
  end
  return entries
end

local retried = { ["40001"] = true, ["40P01"] = true }
local MOST_TRIES = 10

-- Runs a Lua entry once: its rows, or nil and an SQLSTATE. Any other error ends the run.
local function attempt(conn, each, rng)
  local ok, result = pcall(each.run, conn, rng)
  local status = conn:status()
  if ok and (status == "lost" or status == "closed") then -- and the function caught the error
    ok, result = false, { kind = "connection" }
  elseif ok and status == "idle" then
    return math.type(result) == "integer" and result or 0
  end
  local lost = type(result) == "table" and result.kind == "connection"
  if not lost and status ~= "idle" then
    pcall(conn.exec, conn, "ROLLBACK")
  end
  if ok then
    error(("entry '%s' left a transaction open"):format(each.name), 0)
  elseif lost then
    return nil, result.sqlstate or "08006"
  elseif type(result) == "table" and result.sqlstate then
    return nil, result.sqlstate
  end
  error(("entry '%s': %s"):format(each.name, tostring(result)), 0)
end

-- One operation of a Lua entry, again after a serialization failure or deadlock, with the same random
-- numbers.
local function perform(worker, client, each, seed, number, operation)
  local gen = require "partdemo.gen"
  local conn = worker:conn(client)
  for try = 1, MOST_TRIES do
    local rows, state = attempt(conn, each, gen.rng(seed, number, FIRST_PURPOSE + operation))
    if rows or not retried[state] or try == MOST_TRIES then
      return worker:give_back(client, conn, rows or 0, try - 1, state or "")
    end
    require("partdemo.sched").sleep(0.001 * try)
  end
end

-- In a worker's state: runs a mix that has Lua entries, each operation of one as a task of its own.
function mix.drive(worker, entries, seed)
  local sched = require "partdemo.sched"
  require "partdemo.conn" -- the methods of the connections that are lent
  local operations = {}
  local failure, take_all
  local function operate(...)
    local ok, e = pcall(perform, ...)
    if ok then
      worker:poke() -- the client's next operation begins now
      take_all()
    else
      failure = failure or e
      worker:stop()
    end
  end
  function take_all()
    local client, i, number = worker:take()
    while client do
      operations[number] = (operations[number] or 0) + 1
      sched.spawn(operate, worker, client, entries[i], seed, number, operations[number])
      client, i, number = worker:take()
    end
  end
  local ok, e = sched.run(function()
    while worker:step() do
      take_all()
    end
    if failure then
      error(failure, 0)
    end
  end)
  worker:finish()
  if not ok then
    error(e.message or e, 0)
  end
end

return mix
