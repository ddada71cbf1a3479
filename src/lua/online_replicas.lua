-- How far the standbys of the server are behind. In seconds, because that is what those who read from them feel and
-- what --lag is given in; bytes are told beside it.
--
-- pg_stat_replication.replay_lag alone does not say it. By the documentation (The Cumulative Statistics System) it is
-- the time that recent WAL took until the sender knew it replayed, not a prediction; it is NULL when nothing was
-- measured lately, on idle standbys and just as well on one that has replayed nothing since it came; and its last value
-- stays for a while when there is nothing to measure any more. So each look notes what the server has written by
-- then, and a standby is at least as late as the oldest of these notes that it has not replayed. The server's
-- measurement counts where it is greater: of a standby that was behind before the first look. One that has replayed
-- everything is not behind, whatever replay_lag still shows.
local catalog = require "partdemo.catalog"
local report = require "partdemo.report"
local sched = require "partdemo.sched"

local replicas = {}

local methods = {}
local meta = { __index = methods }

---@param conn partdemo.Conn
function replicas.new(conn)
  return setmetatable({ conn = conn, notes = {} }, meta)
end

local function seconds_behind(self, row, now)
  if row.replayed >= row.written then
    return 0
  end
  for _, note in ipairs(self.notes) do
    if note.written > row.replayed then
      return math.max(now - note.at, row.replay_lag or 0)
    end
  end
end

-- Notes what the server has written; forgets what every standby has replayed.
local function take_note(self, rows, now)
  local notes, written, least = self.notes, 0, math.huge
  for _, row in ipairs(rows) do
    written, least = math.max(written, row.written), math.min(least, row.replayed)
  end
  if #notes == 0 or notes[#notes].written < written then
    notes[#notes + 1] = { at = now, written = written }
  end
  while #notes > 1 and notes[1].written <= least do
    table.remove(notes, 1)
  end
end

-- The rows that the role may see. Says once when there are others, or when it may not even look.
local function look(self)
  local ok, rows = pcall(catalog.query, self.conn, "online_replicas")
  local hidden = false
  if not ok then
    if type(rows) ~= "table" or rows.sqlstate ~= "42501" then
      error(rows, 0)
    end
    rows, hidden = {}, true
  end
  local seen = {}
  for _, row in ipairs(rows) do
    if row.hidden then
      hidden = true
    else
      seen[#seen + 1] = row
    end
  end
  if hidden and not self.told then
    report.note(
      "      this role, no member of pg_monitor, cannot see how far replicas are: the copy does not wait for them"
    )
    self.told = true
  end
  return seen
end

-- The standby that is furthest behind; nil when there is none.
function methods:worst()
  local seen = look(self)
  local now, worst = sched.now(), nil
  take_note(self, seen, now)
  for _, row in ipairs(seen) do
    local seconds = seconds_behind(self, row, now)
    if not worst or seconds > worst.seconds then
      worst =
        { name = row.name, seconds = seconds, bytes = math.max(row.written - row.replayed, 0) }
    end
  end
  return worst
end

return replicas
