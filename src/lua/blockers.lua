-- Who is in the way of a statement that waits for a lock. Looked up over a second connection while the statement
-- waits: when it has failed, nobody can tell any more.
local catalog = require "partdemo.catalog"
local conn = require "partdemo.conn"
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local blockers = {}

local PATIENCE = 0.3 -- seconds before a second connection is made: most statements end before
local INTERVAL = 0.5 -- seconds between looks
local QUERY = 100 -- characters of a blocker's statement that are shown

local function one_line(query)
  return text.printable(text.cut(query:gsub("%s+", " "), QUERY))
end

-- A row of src/sql/blockers.sql or lock_holder.sql: "pid 123 (psql, user bob, idle in transaction for 4.00 s)".
function blockers.describe(row)
  if row.pid == 0 then
    local gid = row.gid and (" '%s'"):format(text.printable(row.gid)) or ""
    local age = row.seconds and (", prepared %s ago"):format(text.seconds(row.seconds)) or ""
    return ("the prepared transaction%s%s: COMMIT PREPARED or ROLLBACK PREPARED ends it"):format(
      gid,
      age
    )
  end
  local words = {}
  local function add(format, value)
    words[#words + 1] = value and value ~= "" and format:format(text.printable(value)) or nil
  end
  add("%s", row.backend_type ~= "client backend" and row.backend_type or nil)
  add("%s", row.application)
  add("user %s", row.user)
  add(
    "%s",
    row.state and row.seconds and ("%s for %s"):format(row.state, text.seconds(row.seconds))
  )
  add("since %s", row.since)
  local who = ("pid %d%s"):format(
    row.pid,
    #words > 0 and (" (%s)"):format(table.concat(words, ", ")) or ""
  )
  if row.query == "<insufficient privilege>" then
    return who .. ", what it does is shown to its own role and to pg_read_all_stats"
  elseif not row.query or row.query == "" then
    return who
  end
  local last = row.state == "active" and ": " or ", its last statement: "
  return who .. last .. one_line(row.query)
end

local function describe_all(rows)
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = blockers.describe(row)
  end
  return ("%s on %s"):format(rows[1].mode, text.printable(rows[1].target)), lines
end

local function show(rows, told)
  local what, lines = describe_all(rows)
  local line = ("waiting for %s behind %s"):format(what, lines[1])
  if lines[2] then
    line = ("%s, and %s"):format(line, text.count(#lines - 1, "other"))
  end
  if sys.isatty(2) then
    report.status(line)
  elseif not told then
    report.note(line)
  end
end

-- Looks again and again until it is cancelled; notes in `seen` what it saw.
local function look(seen, ctx, pid, patience)
  sched.sleep(patience)
  local keywords = { application_name = "partdemo lookout" } -- to be told from the run's own session
  for key, value in pairs(ctx.keywords) do
    keywords[key] = value
  end
  local c <close> = conn.connect(ctx.settings, keywords)
  while c do
    local rows = catalog.query(c, "blockers", pid)
    if #rows > 0 then
      show(rows, seen.rows ~= nil)
      seen.rows, seen.at = rows, sched.now()
    end
    sched.sleep(INTERVAL)
  end
end

local named = { ["55P03"] = true, ["57014"] = true }

-- Runs f, in which a statement on ctx.conn may wait for a lock, at most for lock_timeout seconds when that is given.
-- An error about a lock timeout or a cancelled statement gets the sessions that were in the way into its detail.
function blockers.watch(ctx, lock_timeout, f)
  local seen = {}
  local patience = math.min(PATIENCE, (lock_timeout or math.huge) / 4)
  local task = sched.spawn(fail.call, look, seen, ctx, ctx.conn:info().pid, patience)
  local ok, result = fail.call(f)
  task:cancel()
  if ok then
    return result
  elseif type(result) == "table" and named[result.sqlstate] and seen.rows then
    -- In a function of the user's, what was seen may have been another statement's wait.
    if sched.now() - seen.at <= 2 * INTERVAL then
      local what, lines = describe_all(seen.rows)
      local line = ("it waited for %s behind %s"):format(what, table.concat(lines, "\nand "))
      result.detail = result.detail and result.detail .. "\n" .. line or line
      result.behind = lines[1]
    end
  end
  error(result, 0)
end

return blockers
