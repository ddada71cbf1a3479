-- Loads a scenario file and says everything that is wrong with it, without a server.
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local mix = require "partdemo.mix"
local options = require "partdemo.options"
local params = require "partdemo.params"
local queryfile = require "partdemo.queryfile"
local sandbox = require "partdemo.sandbox"
local schema = require "partdemo.schema"
local sqlfile = require "partdemo.sqlfile"
local text = require "partdemo.text"

local scenario = {}

local function is_check(value, path, report)
  if not check.is(value) then
    report(
      path,
      ('expected a check such as check.table "t", got %s'):format(math.type(value) or type(value))
    )
  end
end

local function checks(value, path, report)
  if check.is(value) then
    return
  end
  schema.walk(value, { list = is_check }, path, report)
end

local function param_type(value, path, report)
  for _, name in ipairs(params.types) do
    if name == value then
      return
    end
  end
  report(path, ("unknown type, expected one of %s"):format(table.concat(params.types, ", ")))
end

local function anything() end

-- As psql and ${name} take it, and as an option of `run` that is not one already.
local function param_name(value, path, report)
  if type(value) ~= "string" then
    report(path, "expected a string, got " .. (math.type(value) or type(value)))
  elseif not value:find "^%a[%w_]*$" then
    report(path, ("'%s' is no name: a letter, then letters, digits and _"):format(value))
  end
  for _, option in ipairs(options.of(options.command "run")) do
    if option.long == value:gsub("_", "-") and not option.with then
      report(path, ("--%s is an option of partdemo itself"):format(value))
    end
  end
end

local param = {
  fields = {
    name = param_name,
    type = param_type,
    default = anything,
    help = "string",
    min = "number",
    max = "number",
    words = { list = "string" },
    position = "integer",
  },
  required = { "name", "type", "help" },
}

local function count(value, path, report)
  if math.type(value) ~= "integer" or value < 0 then
    report(path, "expected a count, got " .. tostring(value))
  end
end

-- The parameters of a `run` step: what tostring() makes a word of the command line of.
local function run_params(value, path, report)
  if type(value) ~= "table" then
    return report(path, "expected a table, got " .. (math.type(value) or type(value)))
  end
  for key, item in pairs(value) do
    local kind = type(item)
    if type(key) ~= "string" or (kind ~= "string" and kind ~= "number" and kind ~= "boolean") then
      report(path, ("expected name = value, got %s = %s"):format(tostring(key), kind))
    end
  end
end

local function count_or_function(value, path, report)
  if type(value) ~= "function" and (math.type(value) ~= "integer" or value < 0) then
    report(
      path,
      "expected a count or a function(params), got " .. (math.type(value) or type(value))
    )
  end
end

-- A number, or a text such as "${rate}" that becomes one.
local function number_or_param(value, path, report)
  if type(value) ~= "number" and not (type(value) == "string" and value:find "%${") then
    report(path, 'expected a number or "${param}", got ' .. (math.type(value) or type(value)))
  end
end

local function flag_or_param(value, path, report)
  if type(value) ~= "boolean" and not (type(value) == "string" and value:find "%${") then
    report(path, 'expected a boolean or "${param}", got ' .. (math.type(value) or type(value)))
  end
end

-- One name or a list of names.
local function name_or_names(value, path, report)
  for i, name in ipairs(type(value) == "table" and value or { value }) do
    if type(name) ~= "string" then
      local at = type(value) == "table" and ("%s[%d]"):format(path, i) or path
      report(at, "expected a string, got " .. (math.type(name) or type(name)))
    end
  end
end

local function row_generator(value, path, report)
  if type(value) ~= "userdata" then
    report(path, "expected a row made by gen.row, got " .. (math.type(value) or type(value)))
  end
end

local common = {
  say = "string",
  hint = "string",
  ensures = checks,
  verify = checks,
  when = "string",
  allow = { list = schema.sqlstate },
  unless = name_or_names,
}

local function with_common(fields, required)
  for name, of in pairs(common) do
    fields[name] = of
  end
  return { fields = fields, required = required }
end

-- Kinds of steps by the field that tells them apart.
local kinds = {
  sql = with_common({
    sql = "string",
    transaction = "boolean",
    lock_timeout = "duration",
    retry = count,
    confirm = "string",
  }, { "sql" }),
  copy = with_common(
    { copy = "string", rows = count_or_function, gen = row_generator },
    { "copy", "rows", "gen" }
  ),
  load = with_common({
    load = "string",
    interval = number_or_param,
    seconds = number_or_param,
    duration = "string",
    clients = number_or_param,
    jobs = number_or_param,
    rate = number_or_param,
    max = flag_or_param,
    poisson = flag_or_param,
    ops = number_or_param,
    pipeline = number_or_param,
    batch = number_or_param,
    jsonl = flag_or_param,
  }, { "load" }),
  query = with_common({
    query = "string",
    expect = queryfile.expectations,
    compare = queryfile.other_names,
  }, { "query" }),
  run = with_common({ run = "string", params = run_params }, { "run" }),
  check = {
    fields = { check = checks, say = "string", when = "string", hint = "string" },
    required = { "check" },
  },
  call = with_common({ call = "function", plan = "function" }, { "call", "say" }),
}

local function step(value, path, report)
  if type(value) == "function" then
    return
  elseif type(value) ~= "table" then
    return report(
      path,
      "expected a step (a table or a function), got " .. (math.type(value) or type(value))
    )
  end
  for _, kind in ipairs(text.keys(kinds)) do
    if value[kind] ~= nil then
      return schema.walk(value, kinds[kind], path, report)
    end
  end
  local near
  for _, key in ipairs(text.keys(value)) do
    near = near or text.nearest(key, text.keys(kinds))
  end
  report(
    path,
    "expected one of sql, copy, load, query, run, check, call"
      .. (near and (", did you mean '%s'?"):format(near) or "")
  )
end

local description = {
  fields = {
    summary = "string",
    hint = "string",
    needs = { list = "string" },
    params = { list = param },
    tables = { list = "string" },
    moved = schema.renames,
    before = checks,
    steps = { list = step },
    after = checks,
  },
  required = { "summary", "steps" },
}

local function check_variables(parsed, path, vars, at, report)
  for _, var in ipairs(parsed:variables()) do
    if not var.defined then
      local message = "%s: %s:%d: the variable :%s is no parameter of the scenario%s"
      local hint = text.did_you_mean(var.name, text.keys(vars))
      report(message:format(at, path, var.line, var.name, hint))
    end
  end
end

-- SQL files have to be there, and whole: a quote that is not closed is found before anything is sent.
local function check_sql_files(loaded, root, report)
  local vars = {}
  for _, each in ipairs(loaded.params) do
    vars[each.name] = tostring(each.default or "")
  end
  for i, each in ipairs(loaded.steps) do
    local file = scenario.step_file(each)
    local path = file and files.sql(root, loaded.directory, file)
    local at = ("steps[%d].%s"):format(i, file and each.sql and "sql" or "query")
    if file and not path then
      report(("%s: %s is neither beside the scenario nor in %s/sql"):format(at, file, root))
    elseif path then
      local list, e
      if each.query then
        list, e = queryfile.read(path, vars)
      else
        local parsed
        parsed, e = sqlfile.read(path, vars)
        list = { parsed = parsed }
      end
      if e then
        local place = e.file and path .. (e.line and ":" .. e.line or "") .. ": "
        report(("%s: %s%s"):format(at, place or "", e.message)) -- or the path is in the message
      else
        check_variables(list.parsed, path, vars, at, report)
      end
      if each.query and list then
        queryfile.check_expected(each, list, ("steps[%d]"):format(i), report)
      end
    end
  end
end

-- The scenario of a `run` step: it loads, takes the parameters and does not come back to this one.
local function check_run(loaded, of, path, root, report)
  local chain = loaded.chain
  if chain[files.scenario(root, of.run)] then
    return report(("%s: %s would run itself for ever"):format(path, of.run))
  end
  local inner = scenario.load(root, of.run, chain)
  params.resolve(of.run, inner.params, params.words(of.params or {}), {})
end

local function check_references(loaded, root, report)
  local declared = {}
  for _, each in ipairs(loaded.params) do
    declared[each.name] = true
  end
  for i, each in ipairs(loaded.steps) do
    for _, field in ipairs { "when", "unless" } do
      local of = type(each) == "table" and each[field] or {}
      for _, name in ipairs(type(of) == "table" and of or { of }) do
        if not declared[name] then
          local hint = text.did_you_mean(name, text.keys(declared))
          report(("steps[%d].%s: there is no parameter '%s'%s"):format(i, field, name, hint))
        end
      end
    end
  end
  local function check_name(name, path)
    local ok, e = pcall(files.scenario, root, name)
    if not ok then
      report(("%s: %s"):format(path, e.message))
    end
  end
  for i, each in ipairs(loaded.steps) do
    if type(each) == "table" and each.run then
      local path = ("steps[%d].run"):format(i)
      local ok, e = pcall(check_run, loaded, each, path, root, report)
      if not ok and type(e) == "table" and e.class == "usage" then
        report(("%s: %s"):format(path, e.message))
      elseif not ok then
        error(e, 0)
      end
    elseif type(each) == "table" and each.load and not each.load:find "%${" then
      local ok, e = pcall(mix.load, root, files.mix(loaded.directory, each.load))
      if not ok then
        report(("steps[%d].load: %s"):format(i, type(e) == "table" and e.message or tostring(e)))
      end
    end
  end
  for i, name in ipairs(loaded.needs) do
    check_name(name, ("needs[%d]"):format(i))
  end
end

local function validated(root, given, path, value, chain)
  local directory = files.directory_of(path)
  if type(value) ~= "table" then
    fail.raise(
      "usage",
      ("%s: a scenario returns a table, this file returns %s"):format(path, type(value))
    )
  end
  local mistakes = schema.mistakes(value, description)
  local loaded = {
    name = given:match "([^/]+)%.lua$" or given,
    path = path,
    directory = directory,
    summary = value.summary,
    hint = value.hint,
    needs = value.needs or {},
    params = value.params or {},
    tables = value.tables or {},
    moved = value.moved or {},
    before = check.as_list(value.before),
    steps = value.steps,
    after = check.as_list(value.after),
    chain = setmetatable({ [path] = true }, { __index = chain }),
  }
  if #mistakes == 0 then
    local function report(message)
      mistakes[#mistakes + 1] = message
    end
    params.check(loaded.params, report)
    check_sql_files(loaded, root, report)
    check_references(loaded, root, report)
  end
  if #mistakes > 0 then
    local head = #mistakes == 1 and "%s: %s" or "%s:\n  %s"
    fail.raise("usage", head:format(path, table.concat(mistakes, "\n  ")))
  end
  return loaded
end

-- Loads the scenario that `given` names (a name, or the path of a file). Raises a usage failure with all
-- mistakes; chain has the paths of the scenarios that run this one. The result has every field, lists
-- empty rather than absent, and name, path, directory.
function scenario.load(root, given, chain)
  local path = files.scenario(root, given)
  return sandbox.load(path, { files.directory_of(path), root .. "/scenarios" }, function(value)
    return validated(root, given, path, value, chain)
  end)
end

-- The SQL file of a step, nil when it has none.
function scenario.step_file(each)
  return type(each) == "table" and (each.sql or each.query) or nil
end

-- What a step is called in the output.
function scenario.step_title(each)
  if type(each) == "function" then
    return "Lua function"
  elseif each.say then
    return each.say
  elseif each.sql then
    return each.sql
  elseif each.query then
    return "Run the queries of " .. each.query
  elseif each.load then
    return "Load by the mix " .. each.load
  elseif each.copy then
    return "Generate rows for " .. each.copy
  elseif each.check then
    return "Check"
  end
  return "Run " .. each.run
end

return scenario
