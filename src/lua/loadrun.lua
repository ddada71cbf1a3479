-- Runs a mix in worker threads, shows how it goes, and sums it up.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local load = require "partdemo.load"
local mix = require "partdemo.mix"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"
local target = require "partdemo.target"
local text = require "partdemo.text"

local loadrun = {}

local RETURN_WAIT = 2 -- seconds for a server that is away at the end of a run
local DEFAULT_INTERVAL = 2000 -- milliseconds, as SIMULATOR_INTERVAL_MS

-- The shape of a load from a step's fields: operations a second (0 = closed loop), seconds (nil = no end).
function loadrun.shape(step, settings)
  local interval = step.interval or 0
  local rate = step.rate or 0
  if step.max then
    rate = 0
  elseif rate == 0 then
    rate = 1000 / (interval > 0 and interval or settings.SIMULATOR_INTERVAL_MS or DEFAULT_INTERVAL)
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
    ops = step.ops or 0,
    seconds = seconds > 0 and seconds or nil,
  }
end

local function wait_until_connected(run, clients)
  local state, e = run:state()
  while state == "starting" do
    report.status(("connecting: %d of %d clients"):format(run:live().connected, clients))
    sched.sleep(0.005)
    state, e = run:state()
  end
  if state == "failed" then
    local connected = run:live().connected
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
  local long = shape.seconds and ("for %s"):format(text.seconds(shape.seconds)) or "until Ctrl-C"
  if shape.ops > 0 then
    long = ("%s operations"):format(text.number(shape.ops))
  end
  local threads = text.count(shape.jobs, "thread")
  return ("%s on %s, %s, %s"):format(text.count(shape.clients, "client"), threads, how, long)
end

-- One line on how it goes: on a terminal it replaces the last one.
local function progress(run, begun, last)
  local now, live = sched.now(), run:live()
  local rate = (live.ops - last.ops) / math.max(now - last.at, 0.001)
  local words =
    { ("%.1f s"):format(now - begun), ("%s ops/s"):format(text.number(math.floor(rate + 0.5))) }
  for _, name in ipairs { "errors", "retries", "reconnects", "backlog" } do
    words[#words + 1] = live[name] > 0 and ("%s %s"):format(text.number(live[name]), name) or nil
  end
  local line = table.concat(words, ", ")
  if sys.isatty(2) then
    report.status(line)
  else
    report.note(line)
  end
  return { at = now, ops = live.ops }
end

-- Waits for the end. The first Ctrl-C ends the load: what is due is still done; the second at once.
local function watch(run, begun)
  local last = { at = begun, ops = 0 }
  local interval = sys.isatty(2) and 0.1 or 1
  local interrupted = false
  while run:state() == "ready" do
    local ok, e = pcall(sched.sleep, 0.02)
    if not ok then
      if type(e) ~= "table" or e.kind ~= "interrupt" then
        error(e, 0)
      end
      interrupt.accept()
      if interrupted then
        run:stop()
      else
        run:drain()
      end
      interrupted = true
    end
    if sched.now() - last.at >= interval then
      last = progress(run, begun, last)
    end
  end
end

-- Rows inserted into each leaf of the mix's tables so far, by the server's statistics.
local function partition_inserts(ctx, loaded)
  local counted, order = {}, {}
  for _, each in ipairs(loaded.entries) do
    if each.insert and not counted[each.insert] then
      counted[each.insert] = true
      for _, row in ipairs(catalog.query(ctx.conn, "partition_inserts", each.insert)) do
        order[#order + 1] = { table = each.insert, name = row.name, rows = row.inserted }
      end
    end
  end
  return order
end

local function reached(before, after)
  local then_ = {}
  for _, row in ipairs(before) do
    then_[row.name] = row.rows
  end
  for _, row in ipairs(after) do
    row.rows = row.rows - (then_[row.name] or 0)
  end
  return after
end

-- The same after the run. What held the load up, a lock or a server that is away, must not hold up its summary.
local function partitions_reached(ctx, loaded, before)
  if not target.restore(ctx, RETURN_WAIT) then
    report.note "the server is gone: the rows in each partition are not known"
    return {}
  end
  ctx.conn:exec "SET lock_timeout = '500ms'"
  local ok, after = fail.call(partition_inserts, ctx, loaded)
  ctx.conn:exec "RESET lock_timeout"
  if ok then
    return reached(before, after)
  elseif after.sqlstate ~= "55P03" then
    error(after, 0)
  end
  report.note "a table is locked: the rows in each partition are not known"
  return {}
end

-- Performs the load of a `load` step; ctx as in the engine. Returns the result: the statistics of
-- bind/load_result.c with `elapsed`, `mix`, `shape` and `partitions`.
function loadrun.run(ctx, name, shape)
  local loaded = mix.load(ctx.root, name)
  mix.check_pipeline(loaded, shape.pipeline)
  local job = mix.job(ctx.conn, loaded)
  local before = partition_inserts(ctx, loaded)
  -- Without --seed each run draws its own numbers, so that many short ones have the mix's proportions.
  local seed = ctx.run_tag == 0 and ctx.seed or ctx.run_tag % 2147483647
  report.say(
    ("      %s: %s; %s, seed %d"):format(loaded.name, loaded.summary, describe(shape), seed)
  )
  local run <close> = load.start(ctx.settings, ctx.keywords, job, {
    clients = shape.clients,
    jobs = shape.jobs,
    seed = seed,
    run = ctx.run_tag,
    rate = shape.rate,
    poisson = shape.poisson,
    pipeline = shape.pipeline,
    ops = shape.ops,
  })
  wait_until_connected(run, shape.clients)
  local begun = sched.now()
  run:go(shape.seconds)
  watch(run, begun)
  local state, e = run:state()
  run:stop() -- of several threads one may have failed
  local result = run:result()
  result.mix, result.shape = loaded, shape
  result.partitions = partitions_reached(ctx, loaded, before)
  if state == "failed" then
    fail.raise(
      "failed",
      "the load ended early: " .. e.message,
      { detail = e.detail, hint = e.hint }
    )
  end
  return result
end

return loadrun
