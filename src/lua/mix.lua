-- Workload mixes: loaded and checked without a server, then given to the worker threads.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local json = require "partdemo.json"
local mixtables = require "partdemo.mixtables"
local sandbox = require "partdemo.sandbox"
local schema = require "partdemo.schema"
local sqltext = require "partdemo.sqltext"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local mix = {}

local MOST_PARAMETERS = 65535 -- of a statement, by PostgreSQL's protocol
local MOST_ENTRIES = 1000 -- each is prepared on each connection, and has histograms in each thread

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

-- What a mix, its entries and their ledgers may be, for schema.walk().
mix.description = {
  fields = { summary = "string", tables = { list = "string" }, reconcile = "function" },
  required = { "summary" },
}
mix.ledger = { fields = { table = "string", key = "string", columns = { list = "string" } } }
mix.entry = {
  fields = {
    weight = weight,
    name = "string",
    insert = "string",
    row = row,
    sql = "string",
    params = row,
    run = "function",
    batch = function(value, path, report)
      if math.type(value) ~= "integer" or value < 1 then
        report(path, "expected a number of rows, 1 or more, got " .. tostring(value))
      end
    end,
    ledger = function(value, path, report)
      if value ~= false then
        schema.walk(value, mix.ledger, path, report)
      end
    end,
    allow = { list = schema.sqlstate },
    on_error = function(value, path, report)
      if value ~= "stop" and value ~= "count" then
        report(path, 'expected "stop" or "count"')
      end
    end,
  },
  required = { "weight", "name" },
}

local function check_entry(value, path, report)
  schema.walk(value, mix.entry, path, report)
  if type(value) ~= "table" then
    return
  elseif value.insert and not value.row then
    report(path, "an insert needs a row")
  elseif value.name == "" then
    report(path, "the name is empty")
  elseif value.batch and not value.insert then
    report(path, "batch is for an insert: what else is done has no rows to put together")
  end
  if value.params and not value.sql then
    report(path, "params are for an sql entry")
  end
  if value.row and not value.insert then
    report(path, "a row is for an insert")
  end
  if value.ledger and (value.run or (not value.insert and not value.ledger.table)) then
    report(path, "a ledger is for an insert, or for an sql entry and names its table")
  end
  local kinds = (value.insert and 1 or 0) + (value.sql and 1 or 0) + (value.run and 1 or 0)
  if kinds ~= 1 then
    report(path, "expected one of insert, sql, run")
  end
end

local function total_weight(entries)
  local sum = 0
  for _, each in ipairs(entries) do
    local share = type(each) == "table" and each.weight
    -- one that is infinite itself has been reported
    sum = sum + (type(share) == "number" and share < math.huge and share or 0)
  end
  return sum
end

-- The names of the mixes in scenarios/mixes, sorted.
function mix.names(root)
  local names = {}
  for _, name in ipairs(sys.list(root .. "/scenarios/mixes") or {}) do
    names[#names + 1] = name:match "^([^.].*)%.lua$"
  end
  table.sort(names)
  return names
end

local function path_of(root, given)
  if given:find "%.lua$" then
    return given
  end
  local path = ("%s/scenarios/mixes/%s.lua"):format(root, given)
  if sys.kind(path) then
    return path
  end
  fail.raise(
    "usage",
    ("unknown mix '%s'%s"):format(given, text.did_you_mean(given, mix.names(root))),
    {
      hint = "A mix is a name of 'partdemo list --mixes' or the path of a .lua file.",
    }
  )
end

-- Loads a mix by name or path; { name, path, summary, tables, others, entries }. Raises a usage failure with all
-- mistakes. others: tables to use instead of those that the file names, by their names.
function mix.load(root, given, others)
  local path = path_of(root, given)
  local value = sandbox.load(path, { files.directory_of(path), root .. "/scenarios" })
  local mistakes, names = {}, {}
  if type(value) ~= "table" then
    mistakes[1] = "a mix returns a table, this file returns " .. type(value)
  else
    local function report(at, message)
      mistakes[#mistakes + 1] = at == "" and message or ("%s: %s"):format(at, message)
    end
    local named = {}
    for key, item in pairs(value) do
      if not (math.type(key) == "integer" and key >= 1 and key <= #value) then
        named[key] = item
      end
    end
    schema.walk(named, mix.description, "", report)
    if #value > MOST_ENTRIES then
      fail.raise("usage", ("%s: %d entries; a mix can have %d"):format(path, #value, MOST_ENTRIES))
    end
    for i, each in ipairs(value) do
      check_entry(each, ("[%d]"):format(i), report)
      local name = type(each) == "table" and each.name
      if name and names[name] then
        mistakes[#mistakes + 1] = ("[%d]: the name '%s' is there twice"):format(i, name)
      end
      names[name or i] = true
    end
    if #value == 0 then
      mistakes[#mistakes + 1] = "the mix has no entry"
    end
    mistakes[#mistakes + 1] = total_weight(value) == math.huge
        and "the weights are too large to be added up"
      or nil
  end
  if #mistakes > 0 then
    local head = #mistakes == 1 and "%s: %s" or "%s:\n  %s"
    fail.raise("usage", head:format(path, table.concat(mistakes, "\n  ")))
  end
  local on_others = mixtables.renamed(path, value, others or {})
  return {
    name = given,
    path = path,
    root = root,
    summary = value.summary,
    others = others or {},
    tables = mixtables.of(on_others),
    reconcile = value.reconcile,
    entries = on_others,
  }
end

-- Rows of a statement of an entry, in a run with so many for the entries that do not say.
function mix.batch(each, batch)
  return each.insert and (each.batch or batch) or 1
end

-- Whether a mix can be run in a shape: `pipeline` and `batch` of it. Raises a usage failure before
-- anything is sent.
function mix.check_shape(loaded, shape)
  local function refuse(each, message, hint)
    local where = ("%s: entry '%s' "):format(loaded.path, each.name)
    fail.raise("usage", where .. message, { hint = hint })
  end
  for _, each in ipairs(loaded.entries) do
    if each.run and shape.pipeline > 1 then
      refuse(each, "is a Lua function, which cannot be pipelined", "Leave --pipeline out.")
    end
    local columns, batch = each.insert and #each.row:describe() or 0, mix.batch(each, shape.batch)
    if columns * batch > MOST_PARAMETERS then
      local message = "needs %d parameters for %d rows of %d columns; a statement can have %d"
      refuse(
        each,
        message:format(columns * batch, batch, columns, MOST_PARAMETERS),
        ("A batch of up to %d rows fits."):format(MOST_PARAMETERS // columns)
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

-- "($1, $2), ($3, $4)" for two rows of two columns
local function value_lists(rows, columns)
  local lists = {}
  for i = 1, rows do
    local marks = {}
    for k = 1, columns do
      marks[k] = "$" .. (i - 1) * columns + k
    end
    lists[i] = ("(%s)"):format(table.concat(marks, ", "))
  end
  return table.concat(lists, ", ")
end

-- The statement of an insert, and the types of a row's parameters.
local function prepare_insert(conn, each, batch)
  local catalog = require "partdemo.catalog"
  local names = column_names(conn, each.row)
  local columns, into = table.concat(names, ", "), catalog.quoted(conn, each.insert)
  return {
    sql = ("INSERT INTO %s (%s) VALUES %s"):format(into, columns, value_lists(batch, #names)),
    types = conn:exec(("SELECT %s FROM %s LIMIT 0"):format(columns, into)).types,
    batch = batch,
  }
end

-- Raises what the server has against a statement with the parameters of so many rows.
local function try_statement(conn, sql, of, rows)
  local types = {}
  for _ = 1, rows do
    for _, column in ipairs(of and of:describe() or {}) do
      types[#types + 1] = column.type or "unknown"
    end
  end
  local list = #types > 0 and ("(%s)"):format(table.concat(types, ", ")) or ""
  -- More than one would not be prepared, but done.
  local split <close>, e = sqltext.split(sql)
  if not split then
    error(e, 0)
  elseif #split ~= 1 then
    error(("sql is one statement, this is %d"):format(#split), 0)
  end
  conn:exec(("PREPARE partdemo_try%s AS %s"):format(list, sql))
  local wanted = conn:exec(
    "SELECT cardinality(parameter_types)::int AS n FROM pg_prepared_statements WHERE name = $1",
    "partdemo_try"
  )[1].n
  conn:exec "DEALLOCATE partdemo_try"
  if wanted > #types then
    error(("the statement has %d parameters, params only %d"):format(wanted, #types), 0)
  end
end

local KEYS = 10000 -- values sampled of a column that gen.key() draws from

-- A sample of the keys that a row draws from: { { type = name, values = { text, ... } }, ... } in the order
-- of row:keys(). others: tables for those that the row names. The same seed samples the same of equal tables.
local function sample_keys(conn, of, others, seed)
  local catalog = require "partdemo.catalog"
  local samples = json.array {}
  for i, key in ipairs(of:keys()) do
    local name = others[key.table] or key.table
    local from, column = catalog.quoted(conn, name), conn:ident(key.column)
    local estimate = math.max(catalog.first(conn, "estimated_rows", name).rows, 1)
    local percent = math.min(100, 100 * 2 * KEYS / estimate)
    local sql = "SELECT %s AS value, pg_typeof(%s)::text AS type FROM %s "
      .. "TABLESAMPLE SYSTEM (%.6f) REPEATABLE (%d) WHERE %s IS NOT NULL LIMIT %d"
    local rows = conn:exec(sql:format(column, column, from, percent, seed, column, KEYS))
    local values = json.array {}
    for n, row_ in ipairs(rows) do
      values[n] = tostring(row_.value)
    end
    if #values == 0 then
      error(("%s has no rows to take keys from"):format(name), 0)
    end
    samples[i] = { type = rows[1].type, values = values }
  end
  return samples
end

-- Gives a row its keys; then its parameters have types.
function mix.set_keys(of, samples)
  for i, key in ipairs(of:keys()) do
    key.key:set(samples[i].type, samples[i].values)
  end
end

-- What the workers need besides the file itself, as JSON: statements, types, sampled keys. options: `batch`
-- for the inserts that do not say, `seed`, `plans` of ledger.plan() when the rows that are written are to be returned.
-- Raises when a table or column does not exist or values might not fit.
function mix.job(conn, loaded, options)
  local prepared = json.array {}
  for i, each in ipairs(loaded.entries) do
    local ok, result = pcall(function()
      local made = { sql = each.sql }
      if each.insert then
        made = prepare_insert(conn, each, mix.batch(each, options.batch))
      end
      local plan = options.plans and options.plans[i]
      if plan then
        made.sql, made.ledger = made.sql .. plan.returning, true
      end
      local of = each.row or each.params
      if of then
        made.keys = sample_keys(conn, of, loaded.others, options.seed)
        mix.set_keys(of, made.keys)
        of = of:bound(made.types)
      end
      if made.sql then
        try_statement(conn, made.sql, of, made.batch or 1)
      end
      return made
    end)
    if not ok then
      local kind = type(result) == "table" and result.kind
      if kind == "interrupt" or kind == "connection" then
        error(result, 0)
      end
      local is_missing = type(result) == "table" and result.sqlstate == "42P01"
      fail.raise("usage", ("%s: entry '%s': %s"):format(loaded.path, each.name, tostring(result)), {
        hint = is_missing and "'partdemo run setup' makes the demo's tables." or nil,
      })
    end
    prepared[i] = result
  end
  return json.encode { path = loaded.path, root = loaded.root, entries = prepared }
end

return mix
