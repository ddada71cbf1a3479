-- Loads a scenario file and says everything that is wrong with it, without a server.
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local mix = require "partdemo.mix"
local params = require "partdemo.params"
local queryfile = require "partdemo.queryfile"
local sandbox = require "partdemo.sandbox"
local schema = require "partdemo.schema"
local sqlfile = require "partdemo.sqlfile"
local stepkinds = require "partdemo.stepkinds"
local text = require "partdemo.text"

local scenario = {}

-- What a file may return, for schema.mistakes().
scenario.description = {
  fields = {
    summary = "string",
    hint = "string",
    needs = { list = "string" },
    params = { list = stepkinds.param },
    tables = { list = "string" },
    moved = schema.renames,
    before = stepkinds.checks,
    steps = { list = stepkinds.step },
    after = stepkinds.checks,
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

-- The SQL files of the steps as { i, at, path, step }. One that is not there is reported; a name that is no string was.
local function sql_files(steps, directory, root, report)
  local found = {}
  for i, each in ipairs(type(steps) == "table" and steps or {}) do
    local file = scenario.step_file(each)
    if type(file) == "string" then
      local at = ("steps[%d].%s"):format(i, each.sql and "sql" or "query")
      local path = files.sql(root, directory, file)
      if path then
        found[#found + 1] = { i = i, at = at, path = path, step = each }
      else
        report(("%s: %s is neither beside the scenario nor in %s/sql"):format(at, file, root))
      end
    end
  end
  return found
end

-- They have to be whole: a quote that is not closed is found before anything is sent.
local function check_sql_files(loaded, root, report)
  local vars = {}
  for _, each in ipairs(loaded.params) do
    vars[each.name] = tostring(each.default or "")
  end
  for _, file in ipairs(sql_files(loaded.steps, loaded.directory, root, report)) do
    local path, at, each = file.path, file.at, file.step
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
      queryfile.check_expected(each, list, ("steps[%d]"):format(file.i), report)
    end
  end
end

-- The scenario of a `run` step: it loads, takes the parameters and does not come back to this one.
local function check_run(loaded, name, given, path, root, report)
  local chain = loaded.chain
  if chain[files.scenario(root, name)] then
    report(("%s: %s would run itself for ever"):format(path, name))
    return nil
  end
  local inner = scenario.load(root, name, chain)
  params.resolve(name, inner.params, params.words(given or {}), {})
  return inner
end

-- What check(...) raises of a user's mistake is reported.
local function reported(path, report, check_it, ...)
  local ok, e = pcall(check_it, ...)
  if not ok and type(e) == "table" and e.class == "usage" then
    report(("%s: %s"):format(path, e.message))
  elseif not ok then
    error(e, 0)
  end
end

-- The same of a `rehearse` step, and that it can be rehearsed; its mix.
local function check_rehearse(loaded, of, at, root, report)
  local path = at .. ".rehearse"
  reported(path, report, function()
    local inner = check_run(loaded, of.rehearse, of.params, path, root, report)
    if inner then
      scenario.check_rehearsable(root, inner)
    end
  end)
  if not of.under:find "%${" then
    reported(at .. ".under", report, mix.load, root, files.mix(loaded.directory, of.under), of.on)
  end
end

-- `impacts` steps show what `rehearse` steps before them saw, each of another name.
local function check_impacts(loaded, report)
  local seen = {}
  for i, each in ipairs(loaded.steps) do
    local is_table = type(each) == "table"
    if is_table and each.rehearse then
      if seen[each.as] then
        report(("steps[%d].as: there is another rehearsal '%s'"):format(i, each.as))
      end
      seen[each.as] = true
    elseif is_table and each.impacts then
      if #each.impacts < 2 then
        report(("steps[%d].impacts: expected two rehearsals or more"):format(i))
      end
      for n, name in ipairs(each.impacts) do
        if not seen[name] then
          local message = "steps[%d].impacts[%d]: no step before it rehearses as '%s'%s"
          report(message:format(i, n, name, text.did_you_mean(name, text.keys(seen))))
        end
      end
    end
  end
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
      reported(path, report, check_run, loaded, each.run, each.params, path, root, report)
    elseif type(each) == "table" and each.rehearse then
      check_rehearse(loaded, each, ("steps[%d]"):format(i), root, report)
    elseif type(each) == "table" and each.load and not each.load:find "%${" then
      local ok, e = pcall(mix.load, root, files.mix(loaded.directory, each.load))
      if not ok then
        report(("steps[%d].load: %s"):format(i, type(e) == "table" and e.message or tostring(e)))
      end
    end
  end
  check_impacts(loaded, report)
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
  if type(value[1]) == "table" and value.steps == nil then
    fail.raise("usage", path .. ": this is a mix, not a scenario", {
      is_mix = true,
      hint = ("'partdemo run load --mix %s' runs it."):format(path),
    })
  end
  local mistakes = schema.mistakes(value, scenario.description)
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
  local function report(message)
    mistakes[#mistakes + 1] = message
  end
  if #mistakes > 0 then -- so far of the fields alone
    sql_files(value.steps, directory, root, report)
  else
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

-- Refuses to rehearse a scenario that has a load or rehearsals of its own, or runs one that has.
function scenario.check_rehearsable(root, loaded)
  for _, each in ipairs(loaded.steps) do
    local of = type(each) == "table" and each or {}
    if of.load then
      fail.raise("usage", loaded.name .. " has a load of its own: --under is for changes")
    elseif of.rehearse then
      fail.raise("usage", loaded.name .. " rehearses by itself: it cannot be rehearsed again")
    elseif of.run then
      scenario.check_rehearsable(root, scenario.load(root, of.run))
    end
  end
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
  elseif each.rehearse then
    return ("Rehearse %s under %s"):format(each.rehearse, each.under)
  elseif each.impacts then
    return "Compare " .. table.concat(each.impacts, ", ")
  end
  return "Run " .. each.run
end

return scenario
