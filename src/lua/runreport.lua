-- How a run of a scenario looks: its headings, steps, checks and what changed. With --brief a line for each step.
local check = require "partdemo.check"
local json = require "partdemo.json"
local parameters = require "partdemo.params"
local report = require "partdemo.report"
local scenario = require "partdemo.scenario"
local text = require "partdemo.text"
local tree = require "partdemo.tree"
local treediff = require "partdemo.treediff"

local runreport = {}

local NARROW = 110 -- columns of a terminal; below it the table of steps names the file or the step, not both

-- Whether a step prints something between its beginning and its end also when it is brief.
local function is_talkative(step)
  return type(step) == "table"
    and (step.run or step.rehearse or step.load or step.query or step.check or step.impacts)
      ~= nil
end

-- counter: "[2/5] ", when it is a step of another scenario.
function runreport.scenario(loaded, counter)
  report.release()
  local line = ("%s%s: %s"):format(counter or "", loaded.name, loaded.summary)
  line = report.fold(line, 2)
  report.say(counter and "\n" .. report.paint(line, "bold") or line)
end

function runreport.tables_before(ctx)
  if #ctx.before_trees > 0 then
    report.detail(tree.render(ctx.before_trees) .. "\n")
  end
end

function runreport.step_begins(step, counter, title)
  local file = scenario.step_file(step)
  local line = counter .. title .. (file and ("  (%s)"):format(file) or "")
  if not report.is_brief() or (is_talkative(step) and not step.run) then
    local apart = report.is_brief() and type(step) == "table" and (step.rehearse or step.impacts)
    report.say((apart and "\n" or "") .. report.paint(report.fold(line, #counter), "bold"))
  else
    report.status(line)
    report.hold()
  end
end

-- done: the step's row of the summary, once it has been performed.
function runreport.step_ended(step, counter, title, done)
  if not report.is_brief() or is_talkative(step) then
    report.release()
    return
  end
  local words = { text.seconds(done.ms / 1000) }
  if done.rows and done.rows > 0 then
    table.insert(words, 1, text.count(done.rows, "row"))
  end
  if done.statements then
    table.insert(words, 1, text.count(done.statements, "statement"))
  end
  report.release(
    report.fold(("%s%s: %s"):format(counter, title, table.concat(words, ", ")), #counter)
  )
end

-- A check that was looked at. The brief report tells of those that failed, and of those that have numbers to show.
function runreport.check(description, ok, detail)
  local mark = ok and "ok    " or "FAILED"
  local line = ("      %s %s%s"):format(mark, description, detail and ": " .. detail or "")
  line = report.fold(line, 13):gsub(mark, report.paint(mark, ok and "green" or "red"), 1)
  if ok and not detail then
    report.detail(line)
  elseif ok then
    report.say(line)
  else
    report.result(line)
  end
end

-- The brief report's line for the last `count` checks of a run, which all hold; of `silent` of them nothing was said.
function runreport.checks_hold(ctx, count, silent)
  if report.is_brief() and silent > 0 then
    local line = count == 1 and ctx.checks[#ctx.checks].name or ("all %d checks hold"):format(count)
    report.say(report.fold(("      %s %s"):format(report.paint("ok    ", "green"), line), 13))
  end
end

-- What each step took.
local function step_table(done)
  local narrow = report.width() > 0 and report.width() < NARROW
  local rows = {}
  for i, row in ipairs(done) do
    rows[i] = {
      row.statements and text.number(row.statements) or "",
      row.rows and text.number(row.rows) or "",
      text.seconds(row.ms / 1000),
    }
    if narrow then
      table.insert(rows[i], 1, row.file or row.say)
    else
      table.move(rows[i], 1, 3, 3)
      rows[i][1], rows[i][2] = row.say, row.file or ""
    end
  end
  local columns = narrow and { { "FILE OR STEP", cut = true } }
    or { { "STEP", cut = true }, { "FILE" } }
  for _, heading in ipairs { "STATEMENTS", "ROWS", "TIME" } do
    columns[#columns + 1] = { heading, right = true }
  end
  return report.table { columns = columns, rows = rows }
end

-- The tables as they are now, and what each step took.
function runreport.summary(ctx)
  local brief = report.is_brief()
  local same = treediff.unchanged(ctx.before_trees, ctx.after_trees)
  if #ctx.after_trees + #ctx.before_trees > 0 and not (brief and same) then
    report.say((brief and "" or "\n") .. treediff.render(ctx.before_trees, ctx.after_trees))
  end
  if #ctx.done > 0 then
    report.detail("\n" .. step_table(ctx.done) .. "\n")
  end
end

-- The titles of steps as they are shown, with the run's parameters in them.
function runreport.title(step, params)
  return check.fill_in(scenario.step_title(step), params)
end

-- Says of options that ask for more than what is there how to get it, where the scenario can begin anew.
function runreport.unused(of, values)
  local can_reset, unused = false, {}
  for _, param in ipairs(of.params) do
    can_reset = can_reset or param.name == "reset"
    if param.type == "integer" and values[param.name] ~= param.default then
      unused[#unused + 1] = ("%s %s"):format(parameters.option(param.name), values[param.name])
    end
  end
  if can_reset and #unused > 0 then
    local given = table.concat(unused, " ")
    local note =
      "%s is for a new %s: 'partdemo run %s --reset --yes %s' drops the tables and makes them anew."
    report.note(note:format(given, of.name, of.name, given))
  end
end

-- The run as the JSON contract has it.
function runreport.document(ctx)
  local function documents(list)
    local result = json.array {}
    for i, node in ipairs(list or {}) do
      result[i] = tree.document(node, true)
    end
    return result
  end
  local document = {
    scenario = ctx.scenario.name,
    outcome = ctx.outcome,
    steps = json.array(ctx.done),
    checks = json.array(ctx.checks),
    before = documents(ctx.before_trees),
    after = documents(ctx.after_trees),
    queries = json.array(ctx.queries),
    impact = json.null,
  }
  if ctx.rehearsal and ctx.rehearsal.document then
    document.impact = ctx.rehearsal.document
  end
  document.impacts = next(ctx.impacts) and ctx.impacts or nil
  if ctx.load then
    require("partdemo.loadreport").fill(document, ctx.load)
  end
  return document
end

return runreport
