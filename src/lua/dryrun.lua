-- What a scenario would do, statement by statement, with the lock that each one takes.
local check = require "partdemo.check"
local engine = require "partdemo.engine"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local locks = require "partdemo.locks"
local rehearsals = require "partdemo.rehearsals"
local report = require "partdemo.report"
local scenario = require "partdemo.scenario"
local sqlfile = require "partdemo.sqlfile"
local steps = require "partdemo.steps"

local dryrun = {}

local function indented(s, by)
  return (" "):rep(by) .. s:gsub("\n", "\n" .. (" "):rep(by))
end

-- Rows of partdemo.runs hold much that is of interest to the run alone, and functions have long bodies.
local function shortened(sql)
  if report.is_verbose() then
    return sql
  end
  return sql
    :gsub("'{.*}'", "'{...}'")
    :gsub("( AS )'.*'$", "%1'...'")
    :gsub("( AS )(%$%w*%$).*%$%w*%$", "%1%2...%2")
end

local function print_statement(statement, before)
  if statement.frame then
    if not (before and before.frame) then
      report.result ""
    end
    return report.result(("    %s;"):format(statement.sql))
  end
  report.result ""
  for line in (statement.comment or ""):gmatch "[^\n]+" do
    report.result(report.paint("    -- " .. line, "gray"))
  end
  report.result(indented(shortened(statement.sql), 4) .. ";")
  local lock = "    lock: " .. (statement.lock or locks.describe(statement.sql))
  report.result(report.paint(report.fold(lock, 10), "cyan"))
end

local function print_sql(ctx, step)
  local path = files.sql(ctx.root, ctx.scenario.directory, scenario.step_file(step))
  local parsed, e = sqlfile.read(path, steps.variables(ctx.params))
  if not parsed then
    error(e, 0)
  end
  local how = step.transaction == false and "each statement by itself" or "one transaction"
  report.result("  " .. (step.query and "explained and timed, then rolled back" or how))
  for i = 1, #parsed do
    print_statement(parsed:statement(i))
  end
end

local function print_checks(ctx, heading, checks)
  local indent = heading:match "^ *" .. "  "
  if #checks > 0 then
    report.result(report.paint(heading, "bold"))
  end
  for _, each in ipairs(checks) do
    report.result(report.fold(indent .. each:describe(ctx.params), #indent + 2))
  end
end

local function print_plan(statements, notes)
  for _, note in ipairs(notes) do
    report.result(report.fold(note, #note:match "^ *" + 2))
  end
  if #statements == 0 and #notes == 0 then
    report.result "  nothing to do"
  end
  for i, statement in ipairs(statements) do
    print_statement(statement, statements[i - 1])
  end
end

-- The plans of the steps that have one. All of them are made before the first line is printed: a pager may keep the
-- output waiting, and no transaction is to wait with it.
local function planned_steps(ctx, to_do)
  local plans = {}
  local ok, e = fail.call(function()
    for i, step in ipairs(to_do) do
      plans[i] = type(step) == "table" and step.plan and { step.plan(ctx) } or false
    end
  end)
  if ctx.plan then
    ctx.plan:close()
  end
  if not ok then
    error(e, 0)
  end
  return plans
end

-- Prints the scenario; ctx as for engine.run(), but nothing is changed.
function dryrun.run(ctx)
  local heading = ("%s: %s (dry run: nothing is changed)"):format(
    ctx.scenario.name,
    ctx.scenario.summary
  )
  local to_do = engine.steps(ctx)
  local plans = planned_steps(ctx, to_do)
  report.result(report.fold(heading, 2))
  print_checks(ctx, "Before", ctx.scenario.before)
  for i, step in ipairs(to_do) do
    local planned = plans[i]
    local path = scenario.step_file(step)
    local file = path and ("  (%s)"):format(path) or ""
    local say = check.fill_in(scenario.step_title(step), ctx.params)
    local title = ("[%d/%d] %s%s"):format(i, #to_do, say, file)
    report.result(report.paint(report.fold(title, 6), "bold"))
    if type(step) == "table" then
      print_checks(ctx, "  unless this is so already:", check.as_list(step.ensures))
      if path then
        print_sql(ctx, step)
      end
      if step.rehearse then
        report.result(report.fold("  " .. rehearsals.describe(ctx, step), 4))
      end
      if planned then
        print_plan(table.unpack(planned))
      end
      print_checks(ctx, "  checked before the commit:", check.as_list(step.verify))
      print_checks(ctx, "  looks whether:", check.as_list(step.check))
    end
  end
  print_checks(ctx, "After", ctx.scenario.after)
end

return dryrun
