-- What a rehearsal saw, as data: the "impact" of the JSON document, which the report and `compare` print.
-- Times are milliseconds, moments are milliseconds since the begin of the load.
local json = require "partdemo.json"
local ledger = require "partdemo.ledger"
local sys = require "partdemo.sys"
local text = require "partdemo.text"
local verdict = require "partdemo.verdict"

local impact = {}

local BUCKET = 0.1 -- seconds
local OVERLOAD = 0.2 -- seconds that most operations waited just before the first step
local BUSY = 90 -- percent of a processor

-- Lock modes from the weakest to the strongest, as PostgreSQL's documentation orders them.
local modes = {
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
}

-- "AccessExclusiveLock" -> "ACCESS EXCLUSIVE"
local function mode_words(mode)
  return (mode:gsub("Lock$", ""):gsub("(%l)(%u)", "%1 %2"):upper())
end

-- To the microsecond: more digits are noise.
local function ms(seconds)
  return seconds and math.floor(seconds * 1e6 + 0.5) / 1e3
end

local function times(waits)
  return {
    count = waits.count,
    p50_ms = ms(waits.p50),
    p99_ms = ms(waits.p99),
    max_ms = ms(waits.max),
  }
end

-- The locks that a step had, the strongest first.
local function locks_of(seen)
  local list = json.array {}
  for i = #modes, 1, -1 do
    for _, name in ipairs(seen and seen.held[modes[i]] and text.keys(seen.held[modes[i]]) or {}) do
      list[#list + 1] =
        { mode = mode_words(modes[i]), table = name, waiters = seen.behind[name] or 0 }
    end
  end
  return list
end

local function lock_waits(seen)
  local list = json.array {}
  for _, wait in ipairs(seen and seen.waits or {}) do
    list[#list + 1] = {
      mode = mode_words(wait.mode),
      table = wait.target,
      ms = ms(wait.seconds),
      pid = wait.holder.pid,
      application = wait.holder.application,
      query = wait.holder.query,
    }
  end
  table.sort(list, function(a, b)
    return a.ms > b.ms
  end)
  return list
end

-- The entries of each table that writes go to, and the tables in the order of the mix.
local function by_table(r)
  local tables, order = {}, {}
  for i, each in ipairs(r.mix.entries) do
    local name = each.insert or each.ledger and each.ledger.table
    if name and not tables[name] then
      tables[name] = {}
      order[#order + 1] = name
    end
    if name then
      tables[name][i] = true
    end
  end
  return tables, order
end

local function gaps(r, from, to, before)
  local tables, order = by_table(r)
  local list = json.array {}
  for i, name in ipairs(order) do
    local a, b = r.log:gap(from, to, tables[name])
    local c, d = r.log:gap(before.from, before.to, tables[name], true)
    list[i] =
      { table = name, ms = ms(b - a), from_ms = ms(a), to_ms = ms(b), before_ms = ms(d - c) }
  end
  return list
end

local function errors(r, from, to, part, allow)
  local expected, list, unexpected = {}, json.array {}, 0
  for _, state in ipairs(allow) do
    expected[state] = true
  end
  for i, row in ipairs(r.log:errors(from, to, part)) do
    local each = r.mix.entries[row.entry]
    local own = expected[row.sqlstate] or false
    for _, state in ipairs(each.allow or {}) do
      own = own or state == row.sqlstate
    end
    list[i] = { entry = each.name, sqlstate = row.sqlstate, count = row.count, expected = own }
    unexpected = unexpected + (own and 0 or row.count)
  end
  return list, unexpected
end

-- The longest wait of a write for each step.
local function stalls(r)
  local spans = {}
  for i, step in ipairs(r.steps) do
    spans[i] = { step.from, step.to or r.ended }
  end
  return r.log:stalls(spans, (ledger.writers(r.mix.entries)))
end

local function step_document(r, i, stall, before, calm)
  local step, after = r.steps[i], r.steps[i + 1]
  local last = r.steps[i - 1]
  local seen = r.sampler.by_step[i]
  local from, to = step.from, step.to or r.ended
  local met = r.log:waits(from, to, "met")
  local backlog = r.log:backlog(from, to, calm)
  local faults, unexpected = errors(r, from, to, "met", step.allow)
  return {
    n = i,
    say = step.say,
    scenario = step.scenario,
    file = step.file,
    from_ms = ms(from),
    to_ms = ms(to),
    ms = ms(to - from),
    cancelled = step.cancelled or false,
    error = step.failed,
    locks = locks_of(seen),
    waits = lock_waits(seen),
    blocked = { most = seen and seen.most or 0, longest_ms = ms(seen and seen.longest or 0) },
    stall_ms = ms(stall.wait),
    stall_from_ms = ms(stall.due),
    gaps = gaps(r, from, to, before),
    before = times(r.log:waits(last and last.to or 0, from, "over")),
    during = times(met),
    after = times(r.log:waits(to, after and after.from or math.huge, "due")),
    retries = met.retries,
    errors = faults,
    unexpected = unexpected,
    backlog = {
      peak = backlog.peak,
      peak_at_ms = ms(backlog.peak_at),
      drain_ms = backlog.drained and ms(backlog.drained - backlog.peak_at) or nil,
    },
    wal_bytes = step.wal,
    temp_bytes = step.temp,
  }
end

-- The steps taken together, from the begin of the first to the end of the last; nil when none was begun.
local function change_document(r, steps, calm)
  local first, last = r.steps[1], r.steps[#r.steps]
  if not first then
    return nil
  end
  local from, to = first.from, last.to or r.ended
  local d = {
    ms = ms(to - from),
    stall_ms = 0,
    during = times(r.log:waits(from, to, "met")),
    backlog = { peak = r.log:backlog(from, to, calm).peak },
    blocked = { most = 0, longest_ms = 0 },
    errors = 0,
    ended = true,
  }
  for _, step in ipairs(steps) do
    d.stall_ms = math.max(d.stall_ms, step.stall_ms)
    d.blocked.most = math.max(d.blocked.most, step.blocked.most)
    d.blocked.longest_ms = math.max(d.blocked.longest_ms, step.blocked.longest_ms)
    d.ended = d.ended and not (step.cancelled or step.error)
    d.wal_bytes = step.wal_bytes and (d.wal_bytes or 0) + step.wal_bytes or d.wal_bytes
  end
  for _, row in ipairs((errors(r, from, to, "met", {}))) do
    d.errors = d.errors + row.count
  end
  return d
end

local function holders(r)
  local list = json.array {}
  local steps = {}
  for _, step in ipairs(r.steps) do
    steps[step.pid] = true
  end
  for _, holder in pairs(r.sampler.holders) do
    local targets, wanted = json.array(text.keys(holder.targets)), json.array {}
    for i, mode in ipairs(text.keys(holder.modes)) do
      wanted[i] = mode_words(mode)
    end
    list[#list + 1] = {
      pid = holder.pid,
      application = holder.application,
      query = holder.query,
      step = steps[holder.pid] or false,
      load = holder.application == "partdemo load",
      from_ms = ms(holder.first - r.begun),
      to_ms = ms(holder.last - r.begun),
      longest_ms = ms(holder.longest),
      most = holder.most,
      on = targets,
      wanted = wanted,
    }
  end
  table.sort(list, function(a, b)
    return a.longest_ms > b.longest_ms
  end)
  return list
end

local function timeline(r, all)
  local line = { bucket_ms = ms(BUCKET), writes = json.array {}, failed = json.array {} }
  line.wait_ms = json.array {}
  for i, bucket in ipairs(r.log:timeline(BUCKET, all)) do
    line.writes[i], line.failed[i] = bucket.acknowledged, bucket.failed
    line.wait_ms[i] = ms(bucket.wait)
  end
  return line
end

-- Unexpected errors of the whole run: what no step that they met expects.
local function all_errors(r, steps)
  local list, total = errors(r, 0, math.huge, "met", {})
  local during = 0
  for _, row in ipairs(list) do
    local expected = 0
    for _, step in ipairs(steps) do
      for _, each in ipairs(step.errors) do
        if each.entry == row.entry and each.sqlstate == row.sqlstate and each.expected then
          expected = expected + each.count
        end
      end
    end
    if not row.expected then
      row.expected_count = math.min(expected, row.count)
      during = during + row.expected_count
    end
  end
  return list, total - during
end

local function reconciliation(r)
  local found = r.found
  local document = {
    ok = found.ok,
    error = found.error,
    tables = json.array(found.tables),
    own = found.own,
    unfollowed = json.array(r.unfollowed),
  }
  local all = ledger.writers(r.mix.entries)
  document.acknowledged = r.log:waits(0, math.huge, "met", all).acknowledged
  local followed = {}
  for i, plan in ipairs(r.plans) do
    followed[i] = plan and true or false
  end
  document.followed = r.log:waits(0, math.huge, "met", followed).acknowledged
  return document
end

local function sampler_document(r)
  local s = r.sampler
  local seconds = math.max((s.ended or 0) - (s.begun or 0), 0.001)
  return {
    samples = s.samples,
    mean_ms = ms(s.spent / math.max(s.samples, 1)),
    max_ms = ms(s.worst),
    cpu_percent = s.cpu and 100 * s.cpu / seconds or nil,
    lost = s.lost,
    hidden = s.hidden,
  }
end

-- How well the load itself kept up.
local function self_document(r)
  local jobs = math.min(r.options.clients, sys.cores())
  return {
    lag_p99_ms = ms(r.result.lag.p99),
    cpu_percent = 100 * r.result.cpu / math.max(r.result.elapsed * jobs, 0.001),
  }
end

-- Whether the server answered before the first step what was due. Asked of the median: a
-- hiccup is no overload.
local function kept_up(r)
  local from = r.steps[1] and r.steps[1].from
  return not from or r.rate == 0 or r.log:waits(from / 2, from, "due").p50 <= OVERLOAD
end

-- What makes the numbers mean something else than they seem to.
local function notes(d)
  local list = json.array {}
  if not d.kept_up then
    list[#list + 1] = (
      "the server did not keep up with %g operations/s before the first step: a lower --rate "
      .. "shows what the steps add"
    ):format(d.rate)
  end
  if d.unanswered > 0 then
    list[#list + 1] = ("%s due and not answered when the load ended: their waits were to be longer"):format(
      text.count(d.unanswered, "operation")
    )
  end
  if d.self.cpu_percent > BUSY then
    list[#list + 1] = "partdemo was the bottleneck: the waits are its own, too"
  end
  return list
end

-- The document of a rehearsal that has ended; see rehearse.lua for its fields.
function impact.document(r)
  local all, any = ledger.writers(r.mix.entries)
  local count, dropped, length = r.log:size()
  local first, last = r.steps[1], r.steps[#r.steps]
  local before = { from = 0, to = first and first.from or length }
  local calm = r.log:backlog(before.from, before.to, 0).peak
  local d = {
    mix = r.mix.name,
    of = any and "writers" or "readers",
    loop = r.rate > 0 and "open" or "closed",
    rate = r.rate,
    sustained = r.sustained,
    clients = r.options.clients,
    elapsed_ms = ms(length),
    operations = count,
    dropped = dropped,
    unanswered = r.log:waits(0, math.huge, "met").unsent,
    before = times(r.log:waits(0, before.to, "over")),
    after = last and times(r.log:waits(last.to or length, math.huge, "due")) or nil,
    backlog_before = calm,
    kept_up = kept_up(r),
    steps = json.array {},
    holders = holders(r),
    timeline = timeline(r, all),
    reconciliation = reconciliation(r),
    sampler = sampler_document(r),
    self = self_document(r),
  }
  for i, stall in ipairs(stalls(r)) do
    d.steps[i] = step_document(r, i, stall, before, calm)
  end
  d.change = change_document(r, d.steps, calm)
  d.errors, d.unexpected = all_errors(r, d.steps)
  d.notes = notes(d)
  d.failures, d.limits = verdict.failures(r, d, all)
  d.verdict = verdict.sentence(d)
  return d
end

return impact
