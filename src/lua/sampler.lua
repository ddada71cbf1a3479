-- Looks every 20 ms, on a connection of its own, who waits for a lock and behind whom. It locks no table of
-- the user's, and it measures what it costs itself.
local catalog = require "partdemo.catalog"
local conn = require "partdemo.conn"
local fail = require "partdemo.fail"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"

local sampler = {}

local INTERVAL = 0.02 -- seconds
local PAUSE = 0.25 -- before connecting again
local HIDDEN = "<insufficient privilege>"

local methods = {}
local meta = { __index = methods }

local function connect(self)
  local c, e = conn.connect(self.settings, self.keywords)
  if not c then
    return nil, e
  end
  c:exec "SET statement_timeout = '5s'"
  return c
end

-- A list of names as an array in text form.
local function array(names)
  local quoted = {}
  for i, name in ipairs(names) do
    quoted[i] = '"' .. name:gsub('[\\"]', "\\%0") .. '"'
  end
  return "{" .. table.concat(quoted, ",") .. "}"
end

-- A sampler of the tables of those names. settings, keywords: as conn.connect() takes them. Raises when it cannot
-- connect.
function sampler.new(settings, keywords, names)
  local more = { application_name = "partdemo sampler" }
  for key, value in pairs(keywords) do
    more[key] = value
  end
  local self = setmetatable({
    settings = settings,
    keywords = more,
    names = names,
    holders = {}, -- by pid: what waited for it
    by_step = {}, -- what was seen during each step
    samples = 0,
    spent = 0, -- seconds in queries
    worst = 0,
    lost = 0, -- times that the connection was lost
    hidden = false,
  }, meta)
  local c, e = connect(self)
  if not c then
    e.class = "connect"
    error(e, 0)
  end
  self.conn = c
  self:set_step(nil)
  return self
end

-- What is seen from now on belongs to that step (its number); nil: to none. pid: of the step's session.
-- The partitions of the tables are looked up again, if the server lets us.
function methods:set_step(number, pid)
  local ok, row = pcall(function()
    return catalog.first(self:control(), "tree_oids", array(self.names))
  end)
  self.oids = ok and row.oids or self.oids or "{}"
  self.step, self.pid = number, pid
  if number then
    self.by_step[number] =
      { held = {}, waits = {}, behind = {}, most = 0, longest = 0, from = sched.now() }
  end
end

local function hold(seen, rows)
  for _, row in ipairs(rows) do
    seen.held[row.mode] = seen.held[row.mode] or {}
    seen.held[row.mode][row.target] = true
  end
end

-- Notes the locks that the step's session has, asked on that session itself: at the end of a transaction it
-- has all that it took, also for less time than there is between two samples.
function methods:note_held(c)
  hold(self.by_step[self.step], catalog.query(c, "held_locks", self.oids))
end

-- Those that a session waits for and that do not wait themselves.
local function roots_of(pid, waits, seen, roots)
  seen[pid] = true
  for _, blocker in ipairs(waits[pid].blockers) do
    if not seen[blocker] then
      if waits[blocker] then
        roots_of(blocker, waits, seen, roots)
      else
        seen[blocker] = true
        roots[#roots + 1] = blocker
      end
    end
  end
  return roots
end

local function new_holder(self, pid, info)
  local holder = self.holders[pid]
    or { pid = pid, first = math.huge, last = 0, most = 0, longest = 0, targets = {}, modes = {} }
  self.holders[pid] = holder
  holder.application = info.application or holder.application
  holder.query = info.query or holder.query
  holder.state = info.target or holder.state
  return holder
end

-- Splits the rows of a sample by kind.
local function read(self, rows)
  local waits, infos, held = {}, {}, {}
  for _, row in ipairs(rows) do
    if row.query == HIDDEN then
      row.query, self.hidden = nil, true
    end
    if row.kind == "wait" then
      local blockers = {}
      for pid in row.blockers:gmatch "%d+" do
        blockers[#blockers + 1] = math.tointeger(tonumber(pid))
      end
      row.blockers = blockers
      waits[row.pid] = row
    elseif row.kind == "holder" then
      infos[row.pid] = row
    else
      held[#held + 1] = row
    end
  end
  return waits, infos, held
end

local function note_step(seen, row, root, at)
  local key = ("%d %s %s"):format(root.pid, row.mode, row.target)
  local wait = seen.waits[key]
  if not wait then
    wait = { holder = root, mode = row.mode, target = row.target, seconds = 0 }
    seen.waits[key] = wait
    seen.waits[#seen.waits + 1] = wait
  end
  -- Several waits for the same lock (tries of a step) add up: a new one begins after the last one's end.
  local since = at - row.waited
  if wait.since and since < wait.last then
    wait.seconds = wait.seconds - (wait.last - wait.since)
  else
    wait.since = since
  end
  wait.last = at
  wait.seconds = wait.seconds + (at - wait.since)
end

-- Adds one sample, taken at that moment.
local function add(self, rows, at)
  local waits, infos, held = read(self, rows)
  local seen = self.step and self.by_step[self.step]
  local queues, behind, blocked = {}, {}, 0
  for pid, row in pairs(waits) do
    for _, root in ipairs(roots_of(pid, waits, {}, {})) do
      local holder = new_holder(self, root, infos[root] or {})
      queues[root] = (queues[root] or 0) + 1
      holder.first = math.min(holder.first, at - row.waited)
      holder.last = at
      holder.longest = math.max(holder.longest, row.waited)
      holder.targets[row.target], holder.modes[row.mode] = true, true
      if seen and pid == self.pid then
        note_step(seen, row, holder, at)
      elseif root == self.pid then
        behind[row.target] = (behind[row.target] or 0) + 1
      end
    end
    if pid ~= self.pid then
      blocked = blocked + 1
      if seen then
        seen.longest = math.max(seen.longest, math.min(row.waited, at - seen.from))
      end
    end
  end
  for root, queue in pairs(queues) do
    self.holders[root].most = math.max(self.holders[root].most, queue)
  end
  if seen then
    seen.most = math.max(seen.most, blocked)
    for name, count in pairs(behind) do
      seen.behind[name] = math.max(seen.behind[name] or 0, count)
    end
    hold(seen, held)
  end
end

-- Takes one sample. Raises when the connection is lost.
function methods:sample()
  local begun, step = sched.now(), self.step
  local rows = catalog.query(self.conn, "lock_waits", self.oids, self.pid or 0)
  local ended = sched.now()
  self.samples = self.samples + 1
  self.spent = self.spent + (ended - begun)
  self.worst = math.max(self.worst, ended - begun)
  if step == self.step then
    add(self, rows, (begun + ended) / 2)
  end
end

-- A second connection, for questions that do not wait for the next sample. Raises when there is none to be had.
function methods:control()
  local c = self.second
  if not c or c:status() ~= "idle" then
    local e
    c, e = connect(self)
    if not c then
      error(e, 0)
    end
    self.second = c
  end
  return c
end

-- Bytes of WAL and of temporary files so far; nil when the server does not say.
function methods:counters()
  local ok, row = pcall(function()
    return catalog.first(self:control(), "server_counters")
  end)
  return ok and row or nil
end

local function lost(self, e)
  if type(e) ~= "table" or e.kind == "interrupt" then
    error(e, 0)
  end
  self.lost = self.lost + 1
  self.last_error = e
  self.conn:close()
  sched.sleep(PAUSE)
  local c = connect(self)
  while not c and not self.ending do
    sched.sleep(PAUSE)
    c = connect(self)
  end
  self.conn = c or self.conn
end

-- Samples until finish(); a task of its own.
function methods:run()
  local cpu, next_at = sys.cpu(), sched.now()
  self.begun = next_at
  while not self.ending do
    local ok, e = fail.call(self.sample, self)
    if not ok and not self.ending then
      lost(self, e)
    end
    next_at = math.max(next_at + INTERVAL, sched.now())
    sched.sleep(next_at - sched.now())
  end
  self.cpu = sys.cpu() - cpu
  self.ended = sched.now()
end

-- Ends it and closes its connections.
function methods:finish()
  self.ending = true
  self.ended = self.ended or sched.now()
  self.conn:close()
  if self.second then
    self.second:close()
  end
end

return sampler
