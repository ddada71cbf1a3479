-- The pace of a copy: how many rows a batch has and how long the pauses between batches are, so that neither the
-- replicas fall behind nor those who write meanwhile feel it.
--
-- The control law is additive increase, multiplicative decrease (Chiu and Jain, 1989, "Analysis of the increase and
-- decrease algorithms for congestion avoidance in computer networks"; TCP's, RFC 5681). What is controlled is the
-- copy's share of the time: at 1 a batch takes 50 ms and the pause after it a tenth of that. Each look at the writers'
-- p99 that finds it above the limit halves the share, each other one gives back a twentieth of the whole. At a share
-- s a batch is to take 50 ms * s, and its pause is longer by 1/s - 1 times what it took. After a decrease only later
-- writes count, as what came before is no answer to it.
--
-- The copy never stops for the writers: what makes them wait may have nothing to do with it, and it may never end. For
-- replicas it does stop, within --patience: what they are behind by is what the copy adds to.
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local probe = require "partdemo.online_probe"
local replicas = require "partdemo.online_replicas"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"

local pace = {}

local BATCH_SECONDS = 0.05 -- how long a batch is to take
local BATCH_PAUSE = 0.1 -- of the time of a batch: others get the processor and the disk
local SMALLEST, LARGEST = 500, 20000 -- rows of a batch
local FEWEST = 50 -- rows of a batch that gives way
local LEAST_SHARE = 1 / 64
local DECREASE, INCREASE = 1 / 2, 1 / 20
local LONGEST_PAUSE = 1 -- seconds
local JUDGE = 0.25 -- seconds from one look at the p99 to the next
local LOOK = 0.3 -- the same for the replicas

-- --p99 auto: a multiple of what it was before the copy, within limits: below the least one it is noise, and above
-- the most nobody would call it small. Measured in a tenth of a second, for small tables are copied in little more;
-- for a second where writers hang.
local TIMES = 4
local LEAST_LIMIT, MOST_LIMIT = 0.02, 0.25 -- seconds
local FIRST_WRITES, FIRST_INTERVAL, FIRST_SECONDS = 15, 0.004, 0.1
local ENOUGH_WRITES, MOST_SECONDS = 5, 1

local methods = {}
local meta = { __index = methods }

-- Seconds of a parameter; 0 when it is switched off.
local function seconds_of(word)
  return text.duration(word) or 0
end

-- The limit of --p99 auto.
local function measure(self)
  report.status "measuring what a small write takes ..."
  local watch, begun = self.probe, sched.now()
  watch:set_interval(FIRST_INTERVAL)
  repeat
    sched.sleep(FIRST_INTERVAL)
    local count, seconds = watch:count(), sched.now() - begun
    local enough = count >= FIRST_WRITES or count >= ENOUGH_WRITES and seconds >= FIRST_SECONDS
  until enough or watch.lost or seconds >= MOST_SECONDS
  watch:set_interval(nil)
  local p99 = watch:p99()
  watch:forget()
  self.before = p99 > 0 and p99 or nil -- nothing when there is nobody to measure
  return math.min(math.max(LEAST_LIMIT, TIMES * p99), MOST_LIMIT)
end

local function new(ctx)
  local lag = seconds_of(ctx.params.lag)
  return setmetatable({
    ctx = ctx,
    size = SMALLEST,
    share = 1,
    lag = lag,
    replicas = lag > 0 and replicas.new(ctx.conn) or nil,
    look_at = 0,
    judge_at = 0,
    writers_paused = 0, -- seconds
    replicas_paused = 0,
  }, meta)
end

-- Calls f with the pace of a copy, and ends what belongs to it, whatever happens. The pace.
function pace.around(ctx, f)
  local self = new(ctx)
  local ok, e = fail.call(function()
    local auto, given = ctx.params.p99 == "auto", seconds_of(ctx.params.p99)
    if auto or given > 0 then
      self.probe = probe.start(ctx)
      self.limit = auto and measure(self) or given
    end
    f(self)
  end)
  if self.probe then
    local shield <close> = interrupt.shield() -- luacheck: ignore shield
    self.probe:stop()
  end
  if not ok then
    error(e, 0)
  end
  return self
end

local function behind(self, worst)
  return ("the replica %s is %s (%s) behind, --lag is %s"):format(
    text.printable(worst.name),
    text.seconds(worst.seconds),
    text.bytes(worst.bytes),
    self.ctx.params.lag
  )
end

-- Waits while a replica is too far behind. Raises when --patience has passed.
local function wait_for_replicas(self)
  local begun = sched.now()
  if not self.replicas or begun < self.look_at then
    return
  end
  local worst, expired, remind = self.replicas:worst(), nil, nil
  while worst and worst.seconds > self.lag do
    expired, remind = expired or sql.patience(self.ctx), remind or sql.reminder()
    local why = behind(self, worst)
    expired(why)
    remind(why .. ": the copy waits")
    report.status(why .. ": the copy waits")
    sched.sleep(LOOK)
    worst = self.replicas:worst()
  end
  local now = sched.now()
  self.look_at = now + LOOK
  self.replicas_paused = self.replicas_paused + (expired and now - begun or 0)
end

-- Adapts the share to what the writers feel.
local function judge_writers(self)
  local watch, now = self.probe, sched.now()
  if not watch or self.blind or now < self.judge_at then
    return
  elseif watch.lost then
    local note = "      nobody watches the writers' p99 any more: %s; the copy goes on without that"
    report.note(note:format(watch.lost.message or tostring(watch.lost)))
    self.blind, self.share, self.over = true, 1, nil
    return
  end
  self.judge_at = now + JUDGE
  local p99 = watch:p99()
  if p99 > self.limit then
    self.share, self.over = math.max(LEAST_SHARE, self.share * DECREASE), p99
    watch:forget()
    if not self.told then -- the status line has it each time, the summary in the end
      local note = "      the writers' p99 is %s, above %s: smaller batches, longer pauses"
      report.note(note:format(text.seconds(p99), text.seconds(self.limit)))
      self.told = true
    end
  else
    self.share = math.min(1, self.share + INCREASE)
    self.over = self.share < 1 and self.over or nil
  end
end

-- The pause after a batch that took so long. The writers' part goes by the share as it is in each moment.
local function pause(self, seconds)
  sched.sleep(seconds * BATCH_PAUSE)
  judge_writers(self)
  local begun, paused = sched.now(), 0
  while true do
    local left = math.min(LONGEST_PAUSE, seconds * (1 / self.share - 1)) - paused
    if left <= 0 then
      break
    end
    sched.sleep(math.min(left, JUDGE))
    paused = sched.now() - begun
    judge_writers(self)
  end
  self.writers_paused = self.writers_paused + paused
end

-- After a batch: pauses as it has to, and adapts self.size. seconds: that the batch took.
function methods:after_batch(seconds)
  wait_for_replicas(self)
  pause(self, seconds)
  local share = self.share
  local size = math.floor(math.min(self.size * 2, self.size * BATCH_SECONDS * share / seconds))
  local smallest = math.max(FEWEST, math.floor(SMALLEST * share))
  self.size = math.max(smallest, math.min(LARGEST, size))
end

-- For the status line: what holds it back, else how large the batches are.
function methods:state()
  if not self.over then
    return ("%s rows a batch"):format(text.number(self.size))
  end
  return ("p99 %s: at %.0f %%"):format(text.seconds(self.over), self.share * 100)
end

local function spent(seconds)
  return seconds < 0.0005 and "0 s" or text.seconds(seconds)
end

-- How long it paused, and for whom; nil when it was told to look at nothing.
function methods:summary()
  local parts = {}
  if self.limit then
    local before = self.before and ("; before the copy it was %s"):format(text.seconds(self.before))
    parts[1] = ("%s for the writers' p99 (limit %s%s%s)"):format(
      spent(self.writers_paused),
      text.seconds(self.limit),
      before or "",
      self.blind and "; not watched to the end" or ""
    )
  end
  if self.replicas then
    parts[#parts + 1] = ("%s for replicas"):format(spent(self.replicas_paused))
  end
  return #parts > 0 and "paused " .. table.concat(parts, ", ") or nil
end

return pace
