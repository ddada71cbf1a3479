-- What a small writer feels while rows are copied: one tiny transaction after the other, on a connection of its own
-- with the durability that the server, the database and the role are set to, and how long each took.
--
-- What it costs others: a connection, and 25 commits of one row a second, each some 100 bytes of WAL and a flush,
-- which concurrent commits share. One took 0.4 ms where that was measured, so it is at work for 1 % of the time. It
-- locks nothing that others use.
--
-- Also under a rehearsal it is the probe that the copy goes by, not the load, of which more is known: the copy is to
-- do there what it will do where nobody counts the writers' waits.
local conn = require "partdemo.conn"
local fail = require "partdemo.fail"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"

local probe = {}

local WRITE = "INSERT INTO partdemo.probe DEFAULT VALUES"
-- What may be set otherwise and would end it, not what a writer feels.
local SESSION = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0; "
  .. "SET default_transaction_read_only = off"
local INTERVAL = 0.04 -- seconds from one write to the next, and
local WINDOW = 100 * INTERVAL -- what is looked back at: a hundred writes
local CANCEL_AFTER = 0.1 -- seconds that a write may still take when the probe is to end
local CANCEL_AGAIN = 0.2
local GIVE_UP = 3

local methods = {}
local meta = { __index = methods }

-- Notes a write that took so long. While it was waiting others would have begun: a writer who came one interval
-- later would have waited so much less (what wrk2 calls correcting for coordinated omission).
local function add(samples, at, took)
  for late = 0, math.min(took, WINDOW), INTERVAL do
    samples[#samples + 1] = { at = at, took = took - late }
  end
end

local function write(self)
  self.since = sched.now()
  local ok, e = fail.call(self.conn.exec, self.conn, WRITE)
  local now = sched.now()
  local samples = self.samples
  while samples[1] and samples[1].at < now - WINDOW do
    table.remove(samples, 1)
  end
  if ok then
    add(samples, now, now - self.since)
  end
  self.since = nil
  if not ok then
    error(e, 0)
  end
end

-- The body of its task.
local function run(self)
  local due = sched.now()
  while not self.stopping do
    local ok, e = fail.call(write, self)
    if not ok then
      self.lost = e
      break
    end
    due = math.max(due + self.interval, sched.now())
    sched.sleep(due - sched.now())
  end
end

-- Begins. When it cannot connect, it is lost from the start.
function probe.start(ctx)
  local self = setmetatable({ ctx = ctx, interval = INTERVAL, samples = {} }, meta)
  sql.run(ctx, "probe", {})
  if ctx.plan then
    self.lost = {} -- nobody is to be measured
    return self
  end
  local keywords = { application_name = "partdemo probe" }
  for key, value in pairs(ctx.keywords) do
    keywords[key] = value
  end
  local c, e = conn.connect(ctx.settings, keywords)
  if not c then
    self.lost = e
    return self
  end
  self.conn, self.pid = c, c:info().pid
  local ok
  ok, e = fail.call(c.exec, c, SESSION)
  if ok then
    self.task = sched.spawn(fail.call, run, self)
  elseif e.kind == "interrupt" then
    c:close()
    error(e, 0)
  else
    self.lost = e
  end
  return self
end

-- Seconds from one write to the next from now on; the usual ones when nil.
function methods:set_interval(seconds)
  self.interval = seconds or INTERVAL
end

-- Within how many seconds all but one of the writes looked back at were answered, which of a hundred is the
-- 99th percentile. One that is still waiting counts with what it has waited. 0 when there were less than two.
function methods:p99()
  local now = sched.now()
  local samples = {}
  if self.since then
    add(samples, now, now - self.since)
  end
  table.move(self.samples, 1, #self.samples, #samples + 1, samples)
  local most, second = 0, 0
  for _, sample in ipairs(samples) do
    if sample.at < now - WINDOW then
      goto continue
    elseif sample.took > most then
      most, second = sample.took, most
    elseif sample.took > second then
      second = sample.took
    end
    ::continue::
  end
  return second
end

-- How many writes were answered of those that are looked back at.
function methods:count()
  return #self.samples
end

-- Looks back no further than to now.
function methods:forget()
  self.samples = {}
end

-- Cancels the write that is under way: a commit that waits for a standby would go on when only the connection
-- is closed.
local function cancel(self)
  local c = self.ctx.conn
  if c:status() ~= "idle" then
    c = conn.connect(self.ctx.settings, self.ctx.keywords)
  end
  if c then
    pcall(c.exec, c, "SELECT pg_cancel_backend($1)", self.pid)
  end
  if c and c ~= self.ctx.conn then
    c:close()
  end
end

-- Ends it and closes its connection. Takes a few seconds at most, whatever the server does.
function methods:stop()
  self.stopping = true
  if self.task then
    local now = sched.now()
    local give_up, cancel_at = now + GIVE_UP, now + CANCEL_AFTER
    while self.since and now < give_up do
      if now >= cancel_at then
        cancel(self)
        cancel_at = now + CANCEL_AGAIN
      end
      sched.sleep(0.002)
      now = sched.now()
    end
    self.task:cancel()
  end
  if self.conn then
    self.conn:close()
  end
end

return probe
