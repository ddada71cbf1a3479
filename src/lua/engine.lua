-- Runs a scenario: is it done already, can it start, the steps, the checks.
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local runreport = require "partdemo.runreport"
local scenario = require "partdemo.scenario"
local sched = require "partdemo.sched"
local steps = require "partdemo.steps"
local text = require "partdemo.text"

local engine = {}

-- Runs checks quietly; the failed ones as { check, detail }. kind: as what they are told of, if at all.
local function failing(ctx, checks, kind)
  local failed = {}
  for _, each in ipairs(checks) do
    if kind or not each:about_change() then
      local ok, detail = each:run(ctx)
      if kind then
        steps.tell_check(ctx, kind, each, ok, detail)
      end
      if not ok then
        failed[#failed + 1] = { check = each, detail = detail }
      end
    end
  end
  return failed
end

-- Whether the state is what the checks describe; looks no further than the first that does not hold.
-- Checks that only compare with the state before describe none.
local function all_hold(ctx, checks)
  local any = false
  for _, each in ipairs(checks) do
    if not each:about_change() then
      any = true
      if not each:run(ctx) then
        return false
      end
    end
  end
  return any
end

-- most: so many of them, and how many others there are.
local function describe_failed(ctx, failed, most)
  local lines = {}
  for i = 1, math.min(#failed, most or #failed) do
    local each = failed[i]
    lines[i] = ("not so: %s%s"):format(
      each.check:describe(ctx.params),
      each.detail and ": " .. each.detail or ""
    )
  end
  if #failed > #lines then
    lines[#lines + 1] = ("and %d more"):format(#failed - #lines)
  end
  return table.concat(lines, "\n")
end

local function is_set(value)
  return value and value ~= 0 and value ~= ""
end

-- Whether a step is wanted: `when` names a parameter that is neither false nor 0, `unless` one or several of
-- which none is.
local function wanted(ctx, step)
  if type(step) == "function" then
    return true
  end
  local unless = step.unless or {}
  for _, name in ipairs(type(unless) == "table" and unless or { unless }) do
    if is_set(ctx.params[name]) then
      return false
    end
  end
  return not step.when or is_set(ctx.params[step.when])
end

-- The steps that the parameters ask for.
function engine.steps(ctx)
  local list = {}
  for _, step in ipairs(ctx.scenario.steps) do
    if wanted(ctx, step) then
      list[#list + 1] = step
    end
  end
  return list
end

-- A step with `confirm` changes what is there on purpose: then there is always something to do.
function engine.is_already_done(ctx)
  if ctx.always then
    return false
  end
  for _, step in ipairs(engine.steps(ctx)) do
    if type(step) == "table" and step.confirm then
      return false
    end
  end
  return all_hold(ctx, ctx.scenario.after)
end

-- Raises that a scenario is not there which this one needs, or not as it has to be.
function engine.lacks(ctx, name, detail)
  fail.raise("check", ("%s needs %s, which is not there"):format(ctx.scenario.name, name), {
    detail = detail,
    hint = require("partdemo.online_left").hint(ctx.conn)
      or ("'partdemo run %s' provides it."):format(name),
  })
end

local function check_needs(ctx)
  for _, name in ipairs(ctx.scenario.needs) do
    local needed = scenario.load(ctx.root, name)
    local values = require("partdemo.params").resolve(name, needed.params, {}, {})
    local there = setmetatable({ params = values, remembered = {} }, { __index = ctx })
    local failed = failing(there, needed.after)
    if #failed > 0 then
      engine.lacks(ctx, name, describe_failed(there, failed, 3))
    end
  end
end

local function check_before(ctx)
  local failed = failing(ctx, ctx.scenario.before, "before")
  if #failed > 0 then
    fail.raise(
      "check",
      ctx.scenario.name .. " cannot start",
      { detail = describe_failed(ctx, failed), hint = ctx.scenario.hint }
    )
  end
end

local function trees(ctx)
  local found = {}
  for _, name in ipairs(ctx.scenario.tables) do
    found[#found + 1] = catalog.tree(ctx.conn, name)
  end
  return found
end

-- Remembers what checks compare with: those at the end and those of the steps.
local function prepare_checks(ctx, to_do)
  local lists = { ctx.scenario.after }
  for _, step in ipairs(to_do) do
    if type(step) == "table" then
      lists[#lists + 1] = check.as_list(step.ensures)
      lists[#lists + 1] = check.as_list(step.verify)
      lists[#lists + 1] = check.as_list(step.check)
    end
  end
  for _, list in ipairs(lists) do
    for _, each in ipairs(list) do
      if not ctx.rehearsal then -- see steps.comparable()
        each:prepare(ctx)
      end
    end
  end
end

-- Asks for every step before the first one runs: a "no" leaves the database as it is. In a `run` step's
-- scenario something may have been done before, and the answer cannot be called a mistake in usage.
local function confirm_all(ctx, to_do)
  local class = ctx.nested and "failed" or "usage"
  for _, step in ipairs(to_do) do
    local question = type(step) == "table" and not ctx.yes and step.confirm
    if question and not ctx.ask then
      fail.raise(class, ("not confirmed: %s"):format(question), {
        hint = "There is no terminal to ask on; --yes says yes.",
      })
    elseif question and not ctx.ask(question) then
      fail.raise(class, "not confirmed: nothing was changed")
    end
  end
end

local function holds(ctx, step)
  return type(step) == "table" and all_hold(ctx, check.as_list(step.ensures))
end

-- After a step: what it ensures has to be so.
local function check_ensures(ctx, step)
  local failed = type(step) == "table" and failing(ctx, check.as_list(step.ensures), "ensures")
    or {}
  if #failed > 0 then
    fail.raise("check", "the step did not bring about what it ensures", {
      detail = describe_failed(ctx, failed),
    })
  end
end

-- Steps that only look, or whose own steps are noted.
local function may_change(step)
  return type(step) == "function"
    or not (step.query or step.check or step.impacts or step.run or step.rehearse)
end

local function run_step(ctx, i, step, of)
  local title = runreport.title(step, ctx.params)
  local counter, name = ("[%d/%d] "):format(i, of), ('step %d "%s"'):format(i, title)
  if holds(ctx, step) then
    report.say(("%s%s: already done"):format(counter, title))
    steps.tell(ctx, { kind = "step", name = title .. " (already done)", ok = true })
    return
  end
  runreport.step_begins(step, counter, title)
  ctx.counter = counter
  local parts = type(step) == "table" and (step.run or step.rehearse) -- which are steps themselves
  local watched = ctx.rehearsal and not parts and ctx.rehearsal:begin_step(ctx, title, step)
  local begun = sched.now()
  local ok, done = fail.call(steps.perform, ctx, step, engine.run_nested)
  local seconds = sched.now() - begun
  if watched then
    ctx.rehearsal:end_step(ctx, watched, ok, done)
  end
  if ok then
    ok, done = fail.call(function()
      check_ensures(ctx, step)
      return done
    end)
  end
  local row = { say = title, file = scenario.step_file(step), ms = seconds * 1000 }
  if ok then
    row.rows, row.statements = done.rows, done.statements
  end
  ctx.done[#ctx.done + 1] = row
  if type(step) == "function" or not step.check then -- its checks are told of one by one
    steps.tell(ctx, { kind = "step", name = title, ok = ok, error = not ok and done or nil })
  end
  if not ok then
    if type(done) == "table" then
      done.hint = done.hint or type(step) == "table" and step.hint or nil
      done.step = done.step or name
    end
    error(done, 0)
  end
  if may_change(step) then
    table.insert(ctx.memory.ran, name)
  end
  runreport.step_ended(step, counter, title, row)
end

-- Runs the steps. A query that read other leaves than expected changed nothing: the query steps that follow it
-- at once run all the same, then all that was wrong is raised together.
local function run_steps(ctx, to_do)
  local wrong
  for i, step in ipairs(to_do) do
    local is_query = type(step) == "table" and step.query ~= nil
    if wrong and not is_query then
      break
    end
    local ok, e = fail.call(run_step, ctx, i, step, #to_do)
    if not ok and not (is_query and type(e) == "table" and e.class == "check") then
      error(e, 0)
    elseif not ok and wrong then
      wrong.detail = ("%s\n%s"):format(wrong.detail or wrong.message, e.detail or e.message)
      wrong.step = ("%s, %s"):format(wrong.step, e.step)
    elseif not ok then
      wrong = e
    end
  end
  if wrong then
    error(wrong, 0)
  end
end

local function run_after(ctx)
  if #ctx.scenario.after > 0 then
    report.detail(report.paint("Checks", "bold"))
  end
  return steps.look_all(ctx, ctx.scenario.after, "after") == 0
end

local function run_loaded(ctx)
  local begun = sched.now()
  runreport.scenario(ctx.scenario, report.is_brief() and ctx.counter)
  ctx.before_trees = trees(ctx)
  if engine.is_already_done(ctx) then
    ctx.outcome = "already"
    ctx.after_trees = ctx.before_trees
    local what = ctx.rehearses and " and nothing rehearsed" or ""
    report.result(("%s: already done, nothing was changed%s"):format(ctx.scenario.name, what))
    runreport.unused(ctx.scenario, ctx.params)
    return
  end
  check_needs(ctx)
  check_before(ctx)
  local to_do = engine.steps(ctx)
  confirm_all(ctx, to_do)
  prepare_checks(ctx, to_do)
  runreport.tables_before(ctx)
  if ctx.rehearses then
    ctx.rehearsal:around(ctx, function()
      run_steps(ctx, to_do)
    end)
  else
    run_steps(ctx, to_do)
  end
  local ok = run_after(ctx)
  ctx.after_trees = trees(ctx)
  runreport.summary(ctx)
  if not ok then
    fail.raise("check", ("%s ran, but not every check holds"):format(ctx.scenario.name))
  end
  ctx.outcome = "done"
  report.result(
    ("%s: done in %s, %s, %s"):format(
      ctx.scenario.name,
      text.seconds(sched.now() - begun),
      text.count(#ctx.done, "step"),
      text.count(ctx.statements, "statement")
    )
  )
end

-- A context with what checks and steps note in it.
function engine.new_context(base)
  base.remembered, base.done, base.checks, base.statements = {}, {}, {}, 0
  base.queries = base.queries or {}
  base.impacts = base.impacts or {}
  base.outcome = "failed"
  base.memory = base.memory
    or { noted = {}, loaded = {}, shown = {}, ran = {}, loads = 0, unknown = 0 }
  return base
end

-- Runs a loaded scenario. ctx: conn, root, scenario, params, seed, run_tag, yes, ask(question). Fills outcome
-- ("done", "already", "failed"), done, checks, before_trees, after_trees; raises what went wrong.
function engine.run(ctx)
  local ok, e = fail.call(run_loaded, engine.new_context(ctx))
  if not ok then
    fail.after(e, ctx.memory.ran)
    error(e, 0)
  end
end

-- A `run` step: the other scenario on the same connection. For a `rehearse` step, rehearsal(ctx) makes what the
-- other one is rehearsed by.
function engine.run_nested(ctx, name, given, rehearsal)
  local loaded = scenario.load(ctx.root, name)
  local params = require "partdemo.params"
  local nested = {
    conn = ctx.conn,
    root = ctx.root,
    scenario = loaded,
    params = params.resolve(name, loaded.params, params.words(given), {}),
    seed = ctx.seed,
    run_tag = ctx.run_tag,
    memory = ctx.memory,
    nested = true,
    counter = ctx.counter,
    queries = ctx.queries,
    impacts = ctx.impacts,
    rehearsal = ctx.rehearsal,
    yes = ctx.yes,
    ask = ctx.ask,
    settings = ctx.settings,
    keywords = ctx.keywords,
    options = ctx.options,
    on_result = ctx.on_result,
  }
  if rehearsal then
    nested.rehearsal, nested.rehearses = rehearsal(nested), true
  end
  local ok, e = fail.call(run_loaded, engine.new_context(nested))
  ctx.conn = nested.conn -- a load may have had to connect again
  if not ok then
    error(e, 0)
  end
  ctx.statements = ctx.statements + nested.statements
end

return engine
