-- Runs the steps of a scenario while a load runs: warm-up, steps, cool-down, on one clock. The load has threads
-- of its own; steps, lock sampler and limits are tasks of the main scheduler.
local fail = require "partdemo.fail"
local impact = require "partdemo.impact"
local interrupt = require "partdemo.interrupt"
local ledger = require "partdemo.ledger"
local loadrun = require "partdemo.loadrun"
local mix = require "partdemo.mix"
local report = require "partdemo.report"
local sampler = require "partdemo.sampler"
local scenario = require "partdemo.scenario"
local sched = require "partdemo.sched"
local sqlfile = require "partdemo.sqlfile"
local target = require "partdemo.target"
local text = require "partdemo.text"
local verdict = require "partdemo.verdict"

local rehearse = {}

local PROBE_SHARE = 1 / 3 -- of the warm-up, to find the rate
local LONGEST_PROBE = 3 -- seconds
local LOOK = 0.005 -- seconds between two looks at the limits
local CANCEL_AGAIN = 0.2
local DRAIN = 5 -- seconds for what is still due at the end
local P99_LEAST = 100 -- operations before a share of slow ones says anything
local RETURN_WAIT = 3 -- seconds for a server that is away at the end

local methods = {}
local meta = { __index = methods }

-- Adds what the scenario and those that it runs say about tables and expected errors.
local function collect(root, loaded, into)
  for _, name in ipairs(loaded.tables) do
    into.tables[name] = true
  end
  for name, to in pairs(loaded.moved) do
    into.tables[to], into.moved[name] = true, into.moved[name] or {}
    table.insert(into.moved[name], to)
  end
  for _, step in ipairs(loaded.steps) do
    if type(step) == "table" then
      for _, state in ipairs(step.allow or {}) do
        into.allow[state] = true
      end
      if step.run then
        collect(root, scenario.load(root, step.run), into)
      end
    end
  end
  return into
end

-- A rehearsal of ctx.scenario under the load that the options describe: { mix, on, rate, max, clients, warmup,
-- cooldown, max_stall, max_p99, max_errors, short }, durations in seconds. Raises a usage failure, without a server.
function rehearse.new(ctx, options)
  scenario.check_rehearsable(ctx.root, ctx.scenario)
  local loaded = mix.load(ctx.root, options.mix, options.on)
  local about = collect(ctx.root, ctx.scenario, { tables = {}, moved = {}, allow = {} })
  for _, each in ipairs(loaded.entries) do
    for _, state in ipairs(each.allow or {}) do
      about.allow[state] = true
    end
    local name = each.insert or each.ledger and each.ledger.table
    about.tables[name or ""] = name and true or nil
  end
  return setmetatable({
    options = options,
    mix = loaded,
    tables = text.keys(about.tables),
    moved = about.moved,
    allow = text.keys(about.allow),
    steps = {}, -- { say, scenario, from, to, allow, ... }, times since the begin of the load
  }, meta)
end

-- Connects the load's clients. seconds: nil = until the end of the rehearsal; more: options of loadrun.start().
local function start(self, ctx, rate, seconds, more)
  local shape = loadrun.shape(
    { clients = self.options.clients, rate = rate, max = rate == 0, seconds = seconds },
    ctx.options
  )
  shape.ending = "until the end of the cool-down"
  more.names = self.options.on
  return loadrun.start(ctx, self.options.mix, shape, more).run
end

-- Operations a second that the server sustains in a closed loop.
local function probe(self, ctx, seconds)
  local run <close> = start(self, ctx, 0, seconds, { nth = 1 })
  run:go(seconds)
  while run:state() == "ready" do
    sched.sleep(0.01)
  end
  local result, ops = run:result(), 0
  for _, e in ipairs(result.entries) do
    ops = ops + e.ops
  end
  return ops / math.max(result.elapsed, 0.001)
end

-- Half of what the server sustains, or what was asked for; 0 = closed loop.
local function choose_rate(self, ctx)
  local options = self.options
  if options.max then
    return 0, options.warmup
  elseif options.rate then
    return options.rate, options.warmup
  end
  local seconds = math.min(math.max(options.warmup * PROBE_SHARE, 0.3), LONGEST_PROBE)
  report.status "finding the rate ..."
  local sustained = probe(self, ctx, seconds)
  if sustained < 1 then
    fail.raise("failed", "the server answered no operation of the mix in the warm-up", {
      hint = "--rate N says how many operations a second to send.",
    })
  end
  self.sustained = sustained
  local rate = math.max(1, math.floor(sustained / 2))
  return rate, math.max(options.warmup - seconds, options.warmup / 2)
end

-- Time passes under the load.
local function pass(self, seconds, what)
  local ending = sched.now() + seconds
  report.say(("      %s, %s"):format(what, text.seconds(seconds)))
  repeat
    report.status(("%s: %.1f s left"):format(what, math.max(ending - sched.now(), 0)))
    sched.sleep(math.min(0.1, math.max(ending - sched.now(), 0)))
    if self.load:state() ~= "ready" then
      local _, e = self.load:state()
      error(e or "the load ended early", 0)
    end
  until sched.now() >= ending or (self.exceeded and what == "cool-down" and not self.exceeded.step)
end

local function since_begin(self)
  return sched.now() - self.begun
end

-- The limit that a watched load has gone beyond; base: the counts when the step began.
local function beyond(self, now, base)
  local options = self.options
  if options.max_stall and now.waiting > options.max_stall then
    return { limit = "max-stall", allowed = options.max_stall, value = now.waiting }
  elseif options.max_errors and now.unexpected > options.max_errors then
    return { limit = "max-errors", allowed = options.max_errors, value = now.unexpected }
  end
  local answered, slow = now.answered - base.answered, now.slow - base.slow
  if options.max_p99 and answered >= P99_LEAST and slow > answered / 100 then
    return { limit = "max-p99", allowed = options.max_p99, value = options.max_p99 }
  end
end

-- Ends the statement that the step runs. Only a running one: a late cancel would hit the next.
local function cancel(self, step)
  step.cancelled = true
  local sql =
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1::int AND state = 'active'"
  pcall(function()
    self.sampler:control():exec(sql, step.pid)
  end)
end

-- Looks at the limits until the load ends; a task of its own.
local function watch_limits(self)
  local base, of
  while not self.ending do
    local step, now = self.step, self.load:watched()
    if step ~= of then
      base, of = now, step
    end
    if #self.steps > 0 then
      local found = beyond(self, now, base)
      if found and not self.exceeded then
        found.step = step and #self.steps
        self.exceeded = found
      end
      if self.exceeded and self.exceeded.step and step and self.exceeded.step == #self.steps then
        cancel(self, step)
        sched.sleep(CANCEL_AGAIN)
      end
    end
    sched.sleep(LOOK)
  end
end

-- A step begins; what end_step() wants. None does after a limit was exceeded.
function methods:begin_step(ctx, title, of)
  if self.exceeded then
    local message = 'stopped before the step "%s": %s'
    fail.raise("check", message:format(title, verdict.limit_words(self.exceeded)), {
      hint = "The steps before it are done: 'partdemo tree' shows what there is.",
    })
  end
  local step = {
    n = #self.steps + 1,
    say = title,
    scenario = ctx.scenario.name,
    file = type(of) == "table" and of.sql or nil,
    transaction = type(of) == "table" and of.sql ~= nil and of.transaction ~= false,
    allow = type(of) == "table" and of.allow or {},
    pid = ctx.conn:info().pid,
    counters = self.sampler:counters(),
  }
  self.sampler:set_step(step.n, step.pid)
  self.steps[step.n], self.step = step, step
  step.from = since_begin(self)
  return step
end

-- A cancel hits nothing between two statements: there the step ends by itself. As the server would put it.
function methods:heed()
  if self.exceeded and self.step and self.exceeded.step == self.step.n then
    fail.raise("check", verdict.limit_words(self.exceeded), { sqlstate = "57014" })
  end
end

-- Before a step's transaction ends: all the locks that it took are still held.
function methods:before_commit(ctx)
  self.sampler:note_held(ctx.conn)
  self:heed()
end

function methods:end_step(ctx, step, ok, e)
  step.to = since_begin(self)
  self.step = nil
  step.cancelled = step.cancelled and not ok -- it may have ended before a cancel reached it
  step.failed = not ok and (type(e) == "table" and e.message or tostring(e)) or nil
  self.sampler:set_step(nil)
  -- The server adds a session's temporary files up now and then, or when it is told to.
  if ok and ctx.conn:status() == "idle" and ctx.conn:info().version >= 150000 then
    ctx.conn:exec "SELECT pg_stat_force_next_flush()"
  end
  local after = self.sampler:counters()
  if step.counters and after then
    step.wal = after.wal - step.counters.wal
    step.temp = after.temp - step.counters.temp
  end
end

-- What a cancelled step raises instead of the server's words.
local function limit_failure(self, e)
  local found = self.exceeded
  if not (found and found.step and type(e) == "table" and e.sqlstate == "57014") then
    return e
  end
  local step = self.steps[found.step]
  local words = verdict.limit_words(found)
  local message = ('step %d "%s" was cancelled: %s'):format(found.step, step.say, words)
  local ok, raised = pcall(fail.raise, "check", message, {
    hint = step.transaction and "It was rolled back: the database is as before the step."
      or "It does not run in a transaction: 'partdemo tree' shows what it left.",
  })
  return not ok and raised
end

local function open(self, ctx)
  loadrun.check_tables(ctx, self.mix)
  self.plans, self.unfollowed = ledger.plan(ctx.conn, self.mix)
  self.groups = ledger.tables(self.plans)
  self.sampler = sampler.new(ctx.settings, ctx.keywords, self.tables)
  local rate, warmup = choose_rate(self, ctx)
  self.rate = rate
  ledger.mark(ctx.conn, self.groups)
  self.load = start(self, ctx, rate, nil, {
    nth = 0, -- with or without a probe: the loads of several rehearsals have the same seed
    plans = self.plans,
    watch = { slow = self.options.max_p99, expected = self.allow },
  })
  self.begun = self.load:go()
  self.sampling = sched.spawn(function()
    return fail.call(self.sampler.run, self.sampler)
  end)
  self.limiting = sched.spawn(function()
    return fail.call(watch_limits, self)
  end)
  return warmup
end

-- Ends the load: what is due is done, within limits; then the log is read.
local function close(self, patience)
  local run = self.load
  run:drain()
  local give_up = sched.now() + patience
  while run:state() == "ready" and sched.now() < give_up do
    sched.sleep(0.01)
  end
  self.ended = since_begin(self)
  run:stop()
  while run:state() == "ready" do
    sched.sleep(0.01)
  end
  self.ending = true
  self.sampler:finish()
  self.sampling:join()
  self.limiting:join()
  self.result, self.log = run:result(), run:log()
end

local function unknown_by_entry(self)
  local counts = {}
  for _, row in ipairs(self.log:errors(0, math.huge, "met")) do
    if row.sqlstate == "08006" then
      counts[row.entry] = (counts[row.entry] or 0) + row.count
    end
  end
  return counts
end

-- Holds what was acknowledged against the tables; a lock or a server that is away must not hold it up.
local function reconcile(self, ctx)
  if not target.restore(ctx, RETURN_WAIT) then
    return { ok = false, error = "the server is gone", tables = {} }
  end
  ctx.conn:exec "SET lock_timeout = '5s'"
  local found = ledger.reconcile(
    ctx.conn,
    self.log,
    self.plans,
    self.groups,
    self.moved,
    unknown_by_entry(self)
  )
  if self.mix.reconcile then
    local ok, holds, detail = fail.call(self.mix.reconcile, ctx.conn)
    found.own = {
      ok = ok and holds and true or false,
      detail = ok and detail or not ok and tostring(holds) or nil,
    }
    found.ok = found.ok and found.own.ok
  end
  ctx.conn:exec "RESET lock_timeout"
  return found
end

-- The end: everything seen is summed up, whatever happened.
local function finish(self, ctx, e)
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  local interrupted = type(e) == "table" and e.kind == "interrupt"
  sqlfile.roll_back(ctx.conn)
  report.status "ending the load ..."
  close(self, interrupted and 1 or DRAIN)
  report.status "looking for what was acknowledged ..."
  self.found = reconcile(self, ctx)
  self.document = impact.document(self)
  require("partdemo.impactreport").print(self.document, self.options.short)
end

local function leave(self)
  self.ending = true
  if self.sampler then
    self.sampler:finish()
  end
  if self.load then
    self.load:close()
  end
end

-- Performs the steps under the load. Raises what they raise, after the report.
function methods:around(ctx, perform)
  local guard <close> = setmetatable({}, { -- luacheck: ignore guard
    __close = function()
      leave(self)
    end,
  })
  local opened, warmup = fail.call(open, self, ctx)
  if not opened then
    report.result "no step was begun: the load of the rehearsal did not come about"
    error(warmup, 0)
  end
  local ok, e = fail.call(function()
    pass(self, warmup, "warm-up")
    perform()
  end)
  if not ok then
    sqlfile.roll_back(ctx.conn)
    e = limit_failure(self, e)
  end
  if ok or e.kind ~= "interrupt" then
    local passed, why = fail.call(pass, self, self.options.cooldown, "cool-down")
    e = e or not passed and why or nil
  end
  finish(self, ctx, e)
  if e then
    error(e, 0)
  end
end

-- Raises what the rehearsal found wrong with a scenario that ran through.
function methods:conclude()
  local wrong = self.document and self.document.failures or {}
  if #wrong > 0 then
    fail.raise("check", "the rehearsal failed: " .. wrong[1], {
      detail = wrong[2] and table.concat(wrong, "\n", 2) or nil,
    })
  end
end

return rehearse
