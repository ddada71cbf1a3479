-- Runs a mix in worker threads: start, go, wait, finish; run() is all of it.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local load = require "partdemo.load"
local loadwatch = require "partdemo.loadwatch"
local mix = require "partdemo.mix"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"
local target = require "partdemo.target"
local text = require "partdemo.text"

local loadrun = {}

local APPLICATION = "partdemo load" -- what pg_stat_activity calls the clients
local RETURN_WAIT = 2 -- seconds for a server that is away at the end of a run
local FLUSH_WAIT = 1 -- seconds for the clients' backends to end, which is when they hand in their statistics
local PREPARE_WAIT = 3 -- seconds until somebody is told that clients are not ready yet
local DEFAULT_INTERVAL = 2000 -- milliseconds, as SIMULATOR_INTERVAL_MS

local MOST_RATE = 1e7 -- operations a second: more than any server does, and the schedule still costs nothing
local LEAST_RATE = 1e-6 -- one in 11 days

-- Refuses what contradicts itself, lest one of the two is ignored. Fields that are 0 were not given.
local function check_pace(step)
  local function both(one, other)
    fail.raise("usage", ("%s and %s exclude each other"):format(one, other), {
      hint = "'partdemo describe load' says what each does.",
    })
  end
  local interval, rate = (step.interval or 0) > 0, (step.rate or 0) > 0
  if step.max and rate then
    both("--max", "--rate")
  elseif step.max and interval then
    both("--max", "an interval")
  elseif step.max and step.poisson then
    both("--max", "--poisson")
  elseif rate and interval then
    both("--rate", "an interval")
  elseif (step.seconds or 0) > 0 and step.duration and text.duration(step.duration) > 0 then
    both("--duration", "a number of seconds")
  end
end

-- The shape of a load from a step's fields: operations a second (0 = closed loop), seconds (nil = no end).
function loadrun.shape(step, settings)
  check_pace(step)
  local interval = step.interval or 0
  local rate = step.rate or 0
  if step.max then
    rate = 0
  elseif rate == 0 then
    rate = 1000 / (interval > 0 and interval or settings.SIMULATOR_INTERVAL_MS or DEFAULT_INTERVAL)
  end
  if not step.max and not (rate >= LEAST_RATE and rate <= MOST_RATE) then
    local message = "%g operations a second; a rate is from %g to %g"
    fail.raise("usage", message:format(rate, LEAST_RATE, MOST_RATE), {
      hint = "--max is as fast as the clients can.",
    })
  end
  local seconds = step.duration and text.duration(step.duration) or 0
  seconds = seconds > 0 and seconds or step.seconds or 0
  local jobs = step.jobs or 0
  local clients = step.clients or 1
  return {
    clients = clients,
    jobs = math.min(jobs > 0 and jobs or sys.cores(), clients),
    rate = rate,
    poisson = step.poisson or false,
    pipeline = step.pipeline or 1,
    batch = step.batch or 1,
    ops = step.ops or 0,
    seconds = seconds > 0 and seconds or nil,
    jsonl = step.jsonl or false,
  }
end

local function wait_until_connected(run, clients)
  local state, e = run:state()
  local meter, begun, told = run:meter(), sched.now(), false
  while state == "starting" do
    local ready = meter:read().connected
    report.status(("connecting: %d of %d clients"):format(ready, clients))
    if not told and sched.now() - begun > PREPARE_WAIT then
      told = true
      local line =
        "%d of %s ready: waiting for the server, or for a lock on a table of the mix (Ctrl-C ends it)"
      report.note(line:format(ready, text.count(clients, "client")))
    end
    sched.sleep(0.005)
    state, e = run:state()
  end
  if state == "failed" then
    local connected = meter:read().connected
    run:stop()
    e.class = e.kind == "input" and "usage" or "connect"
    if e.class == "connect" then
      e.detail = ("%d of %s had connected"):format(connected, text.count(clients, "client"))
    end
    error(e, 0)
  end
end

local function describe(shape)
  local how = shape.rate > 0
      and ("%g operations/s%s"):format(shape.rate, shape.poisson and " at random moments" or "")
    or "as fast as possible"
  local long = shape.seconds and ("for %s"):format(text.seconds(shape.seconds))
    or shape.ending
    or "until Ctrl-C"
  if shape.ops > 0 then
    long = ("%s operations"):format(text.number(shape.ops))
  end
  if shape.batch > 1 then
    how = ("%s, %d rows an INSERT"):format(how, shape.batch)
  end
  local threads = text.count(shape.jobs, "thread")
  return ("%s on %s, %s, %s"):format(text.count(shape.clients, "client"), threads, how, long)
end

-- Rows written so far in each leaf of the mix's tables, by the server's statistics.
local function partition_writes(ctx, loaded)
  local order = {}
  for _, name in ipairs(loaded.tables) do
    for _, row in ipairs(catalog.query(ctx.conn, "partition_writes", name)) do
      row.table = name
      order[#order + 1] = row
    end
  end
  return order
end

-- Refuses a mix whose tables are not there.
function loadrun.check_tables(ctx, loaded)
  for _, name in ipairs(loaded.tables) do
    if not catalog.relation(ctx.conn, name) then
      fail.raise("usage", ("%s: there is no table '%s'"):format(loaded.path, name), {
        hint = "'partdemo run setup' makes the tables of the mixes that come along.",
      })
    end
  end
end

-- The load's sessions that the server still has, after a moment for them to end.
local function sessions_left(ctx)
  local sql = "SELECT count(*) AS n FROM pg_stat_activity "
    .. "WHERE application_name = $1 AND datname = current_database() AND usename = current_user"
  local give_up = sched.now() + FLUSH_WAIT
  local left = ctx.conn:exec(sql, APPLICATION)[1].n
  while left > 0 and sched.now() < give_up do
    sched.sleep(0.005)
    left = ctx.conn:exec(sql, APPLICATION)[1].n
  end
  return left
end

local function difference(before, after)
  local then_ = {}
  for _, row in ipairs(before) do
    then_[row.name] = row
  end
  for _, row in ipairs(after) do
    for _, what in ipairs { "inserted", "updated", "deleted" } do
      row[what] = row[what] - (then_[row.name] and then_[row.name][what] or 0)
    end
  end
  return after
end

-- What was written in each leaf. What held the load up, a lock or a server that is away, must not hold up its
-- summary.
local function partitions_reached(ctx, loaded, before)
  ctx.conn:exec "SET lock_timeout = '500ms'"
  local ok, after = fail.call(partition_writes, ctx, loaded)
  ctx.conn:exec "RESET lock_timeout"
  if ok then
    return difference(before, after)
  elseif after.sqlstate ~= "55P03" then
    error(after, 0)
  end
  report.note "a table is locked: the rows in each partition are not known"
  return {}
end

-- Connects the clients of a mix; ctx as in the engine, options for those who look closer: `watch` of load.start(),
-- `plans` of the ledger, `names` of mix.load(), `nth` for the seed. The load does nothing until its run:go().
function loadrun.start(ctx, name, shape, options)
  options = options or {}
  local loaded = mix.load(ctx.root, name, options.names)
  mix.check_shape(loaded, shape)
  -- Without --seed each run draws its own numbers, so that many short ones have the mix's proportions.
  local seed = ctx.run_tag == 0 and ctx.seed or ctx.run_tag % 2147483647
  -- The second load of a run goes on with other rows: unique values cannot come twice.
  local nth = ctx.memory.loads
  ctx.memory.loads, seed = nth + 1, seed + (options.nth or nth)
  local job = mix.job(ctx.conn, loaded, { batch = shape.batch, seed = seed, plans = options.plans })
  loadrun.check_tables(ctx, loaded)
  local line = "      %s: %s; %s, seed %d"
  report.say(report.fold(line:format(loaded.name, loaded.summary, describe(shape), seed), 8))
  local keywords = { application_name = APPLICATION }
  for key, value in pairs(ctx.keywords) do
    keywords[key] = value
  end
  local before = partition_writes(ctx, loaded)
  local run = load.start(ctx.settings, keywords, job, {
    clients = shape.clients,
    jobs = shape.jobs,
    seed = seed,
    run = ctx.run_tag + nth,
    rate = shape.rate,
    poisson = shape.poisson,
    pipeline = shape.pipeline,
    ops = shape.ops,
    watch = options.watch,
  })
  local ok, e = pcall(wait_until_connected, run, shape.clients)
  if not ok then
    run:close()
    error(e, 0)
  end
  return { run = run, mix = loaded, shape = shape, before = before }
end

-- Ends a load, if it has not ended yet, and sums it up.
function loadrun.finish(ctx, started)
  local run = started.run
  local state, e = run:state()
  run:stop() -- of several threads one may have failed
  local result = run:result()
  run:close()
  result.mix, result.shape = started.mix, started.shape
  result.partitions, result.sessions_left = {}, 0
  if target.restore(ctx, RETURN_WAIT) then
    result.sessions_left = sessions_left(ctx)
    result.partitions = partitions_reached(ctx, started.mix, started.before)
  else
    report.note "the server is gone: the rows in each partition are not known"
  end
  result.failed = state == "failed" and e or nil
  return result
end

-- Performs the load of a `load` step: a Ctrl-C ends it, and is a normal end.
function loadrun.run(ctx, name, shape)
  local started = loadrun.start(ctx, name, shape)
  local run <close> = started.run
  run:go(shape.seconds)
  loadwatch.wait(run, shape)
  -- The summary is what an impatient Ctrl-C is after, too.
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  return loadrun.finish(ctx, started)
end

return loadrun
