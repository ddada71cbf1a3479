-- What a scenario would do, statement by statement, with the lock that each one takes.
local check = require "partdemo.check"
local engine = require "partdemo.engine"
local fail = require "partdemo.fail"
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
  local short = sql
    :gsub("'{\".-}'::jsonb", "'{...}'::jsonb")
    :gsub("( AS )'.*'$", "%1'...'")
    :gsub("( AS )(%$%w*%$).*%$%w*%$", "%1%2...%2")
  return short
end

local WRAPPED = 80 -- a line of a comment that is as long goes on in the next one; the first one is a title

-- Comments are folded, SQL never is: it can be copied.
local function print_comment(comment)
  local lines = {}
  for line in (comment or ""):gmatch "[^\n]+" do
    local goes_on = report.width() > 0 and #lines > 1 and #lines[#lines] >= WRAPPED
    lines[goes_on and #lines or #lines + 1] = goes_on and lines[#lines] .. " " .. line or line
  end
  for _, line in ipairs(lines) do
    local folded = report.fold("    -- " .. line, 4):gsub("\n    ", "\n    -- ")
    report.result(report.paint(folded, "gray"))
  end
end

local function print_lock(indent, words)
  local colour = words:find "blocks readers" and "red"
    or words:find "blocks writers" and "yellow"
    or "cyan"
  report.result(report.paint(report.fold(indent .. words, #indent:match "^ *" + 2), colour))
end

local function print_statement(statement, before)
  local follows = statement.frame and before and before.frame and not statement.comment
  if not follows or statement.sql:find "^BEGIN" then
    report.result ""
  end
  print_comment(statement.comment)
  report.result(indented(shortened(statement.sql), 4) .. ";")
  if not statement.frame then
    print_lock("    lock: ", locks.words(statement.locks or locks.find(statement.sql)))
  end
end

local function print_sql(ctx, step)
  local parsed = steps.statements(ctx, step)
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
    report.result(note)
  end
  local all = {}
  for _, statement in ipairs(statements) do
    all[#all + 1] = statement.locks
  end
  for _, each in ipairs(locks.strongest(all)) do
    print_lock("  others meet: ", locks.words { each })
  end
  if #statements == 0 and #notes == 0 then
    report.result "  nothing to do"
  end
  for i, statement in ipairs(statements) do
    print_statement(statement, statements[i - 1])
  end
end

local function has_plan(to_do)
  for _, step in ipairs(to_do) do
    if type(step) == "table" and step.plan then
      return true
    end
  end
  return false
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
  if not ok then
    sqlfile.roll_back(ctx.conn)
    error(e, 0)
  elseif ctx.plan then
    ctx.plan:close(ctx)
  end
  return plans
end

-- Prints the scenario; ctx as for engine.run(), but nothing is changed.
function dryrun.run(ctx)
  engine.new_context(ctx)
  local heading = ("%s: %s (dry run: nothing is changed)"):format(
    ctx.scenario.name,
    ctx.scenario.summary
  )
  local to_do = engine.steps(ctx)
  if has_plan(to_do) and engine.is_already_done(ctx) then
    return report.result(ctx.scenario.name .. ": already done, there is nothing to do")
  end
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
