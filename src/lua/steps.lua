-- Performs one step of a scenario: an SQL file, a file of queries, a COPY of generated rows, a load, checks,
-- another scenario, a function.
local blockers = require "partdemo.blockers"
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local copy = require "partdemo.copy"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local report = require "partdemo.report"
local runreport = require "partdemo.runreport"
local sched = require "partdemo.sched"
local sqlfile = require "partdemo.sqlfile"
local text = require "partdemo.text"

local steps = {}

local LOCK_TIMEOUT = 5 -- seconds: a statement that waits for a lock keeps everybody behind it waiting too
local COPY_SLICE = 20000 -- rows between two looks at the clock

-- The parameters of a run as psql variables.
local function variables(values)
  local vars = {}
  for name, value in pairs(values) do
    vars[name] = tostring(value)
  end
  return vars
end
steps.variables = variables

local function print_statement(row)
  local width = report.width()
  local room = math.min(width > 0 and width or 100, 100) - 6 - 14 - 11
  local rows = row.rows and text.count(row.rows, "row") or ""
  -- A statement without rows has the room of their column too.
  local label = text.pad(text.cut(row.label, room + 13 - #rows), room + 14 - #rows)
  report.detail(("      %s%s%11s"):format(label, rows, text.seconds(row.seconds)))
  if report.is_verbose() then
    report.detail(report.paint("        " .. row.sql:gsub("\n", "\n        "), "gray"))
  end
end

-- Tells whoever listens to the run of a step or a check: row = { kind, name, ok, ... }.
function steps.tell(ctx, row)
  if ctx.on_result then
    ctx.on_result(ctx, row)
  end
end

function steps.tell_check(ctx, kind, each, ok, detail)
  steps.tell(ctx, {
    kind = kind,
    name = each:describe(ctx.params),
    ok = ok,
    detail = detail or nil,
    place = each.place,
  })
end

steps.NOT_COMPARED =
  "not compared: a load writes meanwhile, and its ledger is held against the tables"

-- Whether a check says something in this run: under a load nothing stays as it was before.
function steps.comparable(ctx, each)
  return not (ctx.rehearsal and each:about_change())
end

-- Runs the checks of a step before its transaction is committed.
local function verify(ctx, step)
  for _, each in ipairs(check.as_list(step.verify)) do
    report.status("checking: " .. each:describe(ctx.params))
    local begun = sched.now()
    local ok, detail = true, steps.NOT_COMPARED
    if steps.comparable(ctx, each) then
      ok, detail = each:run(ctx)
    end
    steps.tell_check(ctx, "verify", each, ok, detail)
    if not ok then
      fail.raise("check", ("not so: %s"):format(each:describe(ctx.params)), {
        detail = detail,
        hint = "The step was rolled back: nothing of it is left.",
      })
    end
    print_statement {
      label = "Verified: " .. each:describe(ctx.params),
      sql = detail or "",
      seconds = sched.now() - begun,
    }
    ctx.checks[#ctx.checks + 1] = { name = each:describe(ctx.params), ok = true, detail = detail }
  end
end

local retried = { ["55P03"] = true, ["40P01"] = true, ["40001"] = true }

-- Runs f; after a lock timeout, deadlock or serialization failure again, up to `tries` times more.
local function with_retries(tries, f)
  for try = 1, tries + 1 do
    local ok, e = fail.call(f)
    if ok then
      return
    elseif try > tries or type(e) ~= "table" or not retried[e.sqlstate] then
      error(e, 0)
    end
    local behind = e.behind and (", behind %s"):format(e.behind) or ""
    local note = "%s (%s)%s: trying again, %d of %d"
    report.note(note:format(e.message, e.sqlstate, behind, try, tries))
    sched.sleep((0.2 + 0.3 * math.random()) * try)
  end
end

-- The statements of a step's SQL file as they are sent, and its path.
function steps.statements(ctx, step)
  local path = files.sql(ctx.root, ctx.scenario.directory, step.sql or step.query)
  local parsed, e = sqlfile.read(path, variables(step.values or ctx.params))
  if not parsed then
    error(e, 0)
  end
  return parsed, path
end

local function run_sql(ctx, step, done)
  local parsed, path = steps.statements(ctx, step)
  done.file = step.sql
  local lock_timeout = step.lock_timeout and text.duration(step.lock_timeout) or LOCK_TIMEOUT
  with_retries(step.retry or 0, function()
    done.rows, done.statements = 0, 0
    sqlfile.run(ctx.conn, parsed, path, {
      transaction = step.transaction ~= false,
      lock_timeout = lock_timeout,
      watch = function(f)
        return blockers.watch(ctx, lock_timeout, f)
      end,
      on_statement = function(row)
        ctx.statements = ctx.statements + 1
        done.statements = done.statements + 1
        done.rows = done.rows + (#row.result.columns == 0 and row.result.affected or 0)
        print_statement(row)
        if ctx.rehearsal then
          ctx.rehearsal:heed()
        end
      end,
      on_notice = function(notice)
        if report.is_verbose() or not notice:find "^NOTICE" then
          report.note("      " .. notice)
        end
      end,
      before_commit = function()
        verify(ctx, step)
        if ctx.rehearsal then
          ctx.rehearsal:before_commit(ctx)
        end
      end,
    })
  end)
end

local BAR = 12 -- characters: the line of ten million rows fits 80 columns

local function copy_progress(name, sent, rows, begun)
  local filled = BAR * sent // rows
  local bar = ("#"):rep(filled) .. ("."):rep(BAR - filled)
  local rate = sent / math.max(sched.now() - begun, 0.001)
  local line = "%s [%s] %s of %s rows, %s rows/s"
  report.status(
    line:format(name, bar, text.number(sent), text.number(rows), text.number(rate // 1 | 0))
  )
end

local function column_list(conn, row)
  local names = {}
  for i, column in ipairs(row:describe()) do
    names[i] = conn:ident(column.name)
  end
  return table.concat(names, ", ")
end

-- Generates rows straight into the table; how many the server took.
local function copy_rows(ctx, step, rows)
  local conn = ctx.conn
  local into, columns = catalog.quoted(conn, step.copy), column_list(conn, step.gen)
  local types = conn:exec(("SELECT %s FROM %s LIMIT 0"):format(columns, into)).types
  local begun = sched.now()
  local copier <close> = copy.new(conn, step.gen:bound(types), ctx.seed, ctx.run_tag)
  conn:copy_in(("COPY %s (%s) FROM STDIN (FORMAT binary)"):format(into, columns))
  local sent, going = 0, true
  while going and sent < rows do
    local slice = math.min(COPY_SLICE, rows - sent)
    going = copier:send(slice)
    sent = sent + slice
    copy_progress(step.copy, sent, rows, begun)
  end
  if going then
    copier:finish()
  end
  return conn:copy_end().affected
end

local function run_copy(ctx, step, done)
  local rows = type(step.rows) == "function" and step.rows(ctx.params) or step.rows
  if math.type(rows) ~= "integer" or rows < 0 then
    fail.raise("usage", ("%s: rows is not a count"):format(step.copy))
  end
  local begun = sched.now()
  done.rows = blockers.watch(ctx, nil, function()
    return copy_rows(ctx, step, rows)
  end)
  print_statement {
    label = "COPY " .. step.copy,
    sql = "",
    seconds = sched.now() - begun,
    rows = done.rows,
  }
end

-- Fields of a load step that are numbers, with the least that makes sense.
local numbers = {
  interval = 0,
  seconds = 0,
  clients = 1,
  jobs = 0,
  rate = 0,
  ops = 0,
  pipeline = 1,
  batch = 1,
}

-- A load step with the run's parameters in it, as the values they are.
local function load_step(ctx, step)
  local filled = check.fill_in(step, ctx.params)
  filled.load = files.mix(ctx.scenario.directory, filled.load)
  for name, least in pairs(numbers) do
    local value = filled[name]
    filled[name] = value and (math.tointeger(tonumber(value)) or tonumber(value))
    if value and not (filled[name] and filled[name] >= least) then
      fail.raise("usage", ("%s: '%s' is not a number from %d on"):format(name, value, least))
    end
  end
  for _, name in ipairs { "max", "poisson", "jsonl" } do
    filled[name] = filled[name] == true or filled[name] == "true"
  end
  return filled
end

-- Refuses the mixes of a scenario's load and rehearse steps that have mistakes, with the run's parameters known and
-- without a server. True when one of them wants events on stdout.
function steps.check_mixes(ctx)
  local events = false
  for _, step in ipairs(ctx.scenario.steps) do
    if type(step) == "table" and step.load then
      local filled, mix = load_step(ctx, step), require "partdemo.mix"
      local shape = require("partdemo.loadrun").shape(filled, {})
      mix.check_shape(mix.load(ctx.root, filled.load), shape)
      events = events or shape.jsonl
    elseif type(step) == "table" and step.rehearse then
      require("partdemo.rehearsals").check(ctx, step)
    end
  end
  return events
end

-- An entry that was to end the load at its first error has done so.
local function raise_stopped(result)
  local stopped = result.stopped
  fail.raise(
    "failed",
    ("the load was stopped by its entry '%s': %s"):format(
      result.mix.entries[stopped.entry].name,
      stopped.message
    ),
    { sqlstate = stopped.sqlstate, hint = 'The mix says so: on_error = "stop".' }
  )
end

local function run_load(ctx, step, done)
  local loadrun = require "partdemo.loadrun"
  local filled = load_step(ctx, step)
  local interrupt = require "partdemo.interrupt"
  local result = loadrun.run(ctx, filled.load, loadrun.shape(filled, ctx.options))
  ctx.load = result
  done.rows = 0
  local memory = ctx.memory
  memory.unknown = memory.unknown + result.unknown
  for i, e in ipairs(result.entries) do
    done.rows = done.rows + e.rows
    local into = result.mix.entries[i].insert
    if into then
      memory.loaded[into] = (memory.loaded[into] or 0) + e.rows
    end
  end
  require("partdemo.loadreport").print(result)
  interrupt.accept() -- a Ctrl-C during the summary asked for nothing else
  if result.stopped then
    raise_stopped(result)
  elseif result.failed then
    local e = result.failed
    fail.raise(
      "failed",
      "the load ended early: " .. e.message,
      { detail = e.detail, hint = e.hint }
    )
  end
end

-- Runs a check and reports it; whether it holds, and why. kind: what it is told of as.
function steps.look(ctx, each, kind)
  local description = each:describe(ctx.params)
  report.status("checking: " .. description)
  local ok, detail = true, steps.NOT_COMPARED
  if steps.comparable(ctx, each) then
    ok, detail = each:run(ctx)
  end
  ctx.checks[#ctx.checks + 1] = { name = description, ok = ok, detail = detail or nil }
  steps.tell_check(ctx, kind, each, ok, detail)
  runreport.check(description, ok, detail)
  return ok, detail
end

-- Runs a list of checks; how many of them do not hold.
function steps.look_all(ctx, checks, kind)
  local failed, silent = 0, 0
  for _, each in ipairs(checks) do
    local ok, detail = steps.look(ctx, each, kind)
    failed = failed + (ok and 0 or 1)
    silent = silent + (detail and 0 or 1)
  end
  if failed == 0 then
    runreport.checks_hold(ctx, #checks, silent)
  end
  return failed
end

local function run_checks(ctx, step)
  local failed = steps.look_all(ctx, check.as_list(step.check), "check")
  if failed > 0 then
    local what = text.count(failed, "check does", "checks do")
    fail.raise("check", ("%s not hold"):format(what))
  end
end

local function run_function(ctx, step)
  blockers.watch(ctx, nil, function()
    step(ctx)
  end)
  if ctx.conn:status() ~= "idle" then
    sqlfile.roll_back(ctx.conn)
    fail.raise("failed", "the step left a transaction open; it was rolled back")
  end
end

-- Performs a step; what it did: { file, rows }. Raises what went wrong. values: the variables of an SQL file, when a
-- function brings the step; else the run's parameters.
function steps.perform(ctx, step, run_scenario)
  local done = {}
  if type(step) == "function" then
    run_function(ctx, step)
  elseif step.call then
    local before = ctx.statements
    run_function(ctx, step.call)
    done.statements = ctx.statements - before
  elseif step.sql then
    run_sql(ctx, step, done)
  elseif step.copy then
    run_copy(ctx, step, done)
  elseif step.load then
    run_load(ctx, step, done)
  elseif step.check then
    run_checks(ctx, step)
  elseif step.query then
    require("partdemo.queries").run(ctx, step, done)
  elseif step.rehearse then
    require("partdemo.rehearsals").run(ctx, step, run_scenario)
  elseif step.impacts then
    require("partdemo.comparison").print(step.impacts, ctx.impacts)
  else
    run_scenario(ctx, step.run, step.params or {})
  end
  return done
end

return steps
