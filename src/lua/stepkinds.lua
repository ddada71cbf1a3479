-- What the parameters and the steps of a scenario may have, for schema.walk().
local check = require "partdemo.check"
local options = require "partdemo.options"
local params = require "partdemo.params"
local queryfile = require "partdemo.queryfile"
local schema = require "partdemo.schema"
local text = require "partdemo.text"

local stepkinds = {}

local function is_check(value, path, report)
  if not check.is(value) then
    report(
      path,
      ('expected a check such as check.table "t", got %s'):format(math.type(value) or type(value))
    )
  end
end

-- A check, or a list of them.
function stepkinds.checks(value, path, report)
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
    return report(path, "expected a string, got " .. (math.type(value) or type(value)))
  elseif not value:find "^%a[%w_]*$" then
    report(path, ("'%s' is no name: a letter, then letters, digits and _"):format(value))
  end
  local name = value:gsub("_", "-")
  for _, option in ipairs(options.of(options.command "run")) do
    if option.long == name and not option.with then
      report(path, ("--%s is an option of partdemo itself"):format(value))
    end
  end
end

-- A parameter of a scenario.
stepkinds.param = {
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

local function duration_or_param(value, path, report)
  if not (type(value) == "string" and (value:find "%${" or text.duration(value))) then
    report(path, "expected a duration such as '500ms' or '30s', or \"${param}\"")
  end
end

local function label(value, path, report)
  if type(value) ~= "string" or not value:find "%S" or value:find "%c" then
    report(path, "expected a name")
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
  ensures = stepkinds.checks,
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
stepkinds.kinds = {
  sql = with_common({
    sql = "string",
    transaction = "boolean",
    lock_timeout = "duration",
    retry = count,
    verify = stepkinds.checks, -- only a file has a commit to run them before
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
  rehearse = with_common({
    rehearse = "string",
    params = run_params,
    as = label,
    under = "string",
    on = schema.renames,
    rate = number_or_param,
    max = flag_or_param,
    clients = number_or_param,
    warmup = duration_or_param,
    cooldown = duration_or_param,
    max_stall = duration_or_param,
    max_p99 = duration_or_param,
    max_errors = number_or_param,
  }, { "rehearse", "as", "under" }),
  impacts = {
    fields = {
      impacts = { list = "string" },
      say = "string",
      when = "string",
      unless = "string",
      hint = "string",
    },
    required = { "impacts" },
  },
  check = {
    fields = {
      check = stepkinds.checks,
      say = "string",
      when = "string",
      unless = "string",
      hint = "string",
    },
    required = { "check" },
  },
  call = with_common({ call = "function", plan = "function" }, { "call", "say" }),
}

local kinds = stepkinds.kinds

-- A step: a function, or a table of the kind that one of its fields tells.
function stepkinds.step(value, path, report)
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
      schema.walk(value, kinds[kind], path, report)
      if value.verify and value.transaction == false then
        local message = "a file with transaction = false has no commit to check before: use ensures"
        report(path .. ".verify", message)
      end
      return
    end
  end
  local near
  for _, key in ipairs(text.keys(value)) do
    near = near or text.nearest(key, text.keys(kinds))
  end
  report(
    path,
    "expected one of sql, copy, load, query, run, rehearse, impacts, check, call"
      .. (near and (", did you mean '%s'?"):format(near) or "")
  )
end

return stepkinds
