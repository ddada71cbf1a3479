-- What an online change would do, for --dry-run. Its steps are gone through as in a run, and what they would send is
-- listed instead (see sql.exec). Only the first step's statements, which make tables that nobody else knows, are
-- executed, in a transaction that is rolled back before anything is printed: what the catalog says of these tables
-- decides on later statements.
local catalog = require "partdemo.catalog"
local company = require "partdemo.lock_company"
local fail = require "partdemo.fail"
local locks = require "partdemo.locks"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local sqlfile = require "partdemo.sqlfile"
local sqltext = require "partdemo.sqltext"
local text = require "partdemo.text"

local plan = {}

local TRIED = 20000 -- rows that are copied to see what a row takes
local TRIED_BYTES = 16 * 2 ^ 20
local TRIES = 10 -- of the first step, in some seconds

-- What a statement that is only listed answers: nothing to object to, nothing left to do.
local ANSWER = { lines = 0, rows = 0, source_rows = 0, target_rows = 0, same = true }

local methods = {}
local meta = { __index = methods }

-- A comment of the next statement.
function methods:explain(comment)
  self.comment = self.comment and comment and self.comment .. "\n" .. comment
    or self.comment
    or comment
end

-- Lists a statement, with what was said of it; whatever stands alone in front of it is its own.
local function list(self, statement)
  local comment = self.comment
  self.comment = nil
  statement.comment = comment and statement.comment and comment .. "\n" .. statement.comment
    or comment
    or statement.comment
  self.list[#self.list + 1] = statement
end

-- BEGIN, COMMIT and what else only surrounds other statements.
function methods:frame(statement)
  list(self, { sql = statement, frame = true })
  if self.tries and not self.open and statement:find "^BEGIN" then
    self.conn:exec(statement)
    self.conn:exec(("SET LOCAL lock_timeout = %d"):format(run.lock_wait * 1000))
    self.open = true
  end
end

local function try(self, statements)
  if statements:find "^INSERT INTO partdemo%.runs" then
    -- Not executed: a number that was taken is not given back.
    return self.conn:exec "SELECT last_value + is_called::int AS id FROM partdemo.runs_id_seq"
  elseif not statements:find "^UPDATE partdemo%.runs" then
    return self.conn:exec(statements)
  end
end

local frames = { BEGIN = true, COMMIT = true, SET = true, RESET = true }

-- Lists what would be sent; what it answers.
function methods:add(statements)
  local parsed, e = sqltext.split(statements)
  if not parsed then
    error(e, 0)
  end
  for i = 1, #parsed do
    local each = parsed:statement(i)
    local found = locks.find(each.sql, self.company)
    list(self, { sql = each.sql, comment = each.comment, frame = frames[each.verb], locks = found })
    for _, lock in ipairs(type(found) == "table" and found or {}) do
      for _, name in ipairs(lock.blocks and lock.names or {}) do
        self.met[name] = true
      end
    end
    self.company:follow(each.sql)
  end
  local result = self.tries and self.open and try(self, statements)
  return result or statements:find "^WITH batch" and {} or { ANSWER }
end

-- A line below the first step.
local function note(self, format, ...)
  local line = "      " .. format:format(...)
  table.insert(self.notes, report.fold(line))
end

-- What a few rows of the table take: { rows, most, copying, comparing } in seconds, of `most` rows at most, which are
-- fewer when they are wide. The copies are in a temporary table of a short transaction of its own.
local function sample(ctx, source)
  local most =
    math.min(TRIED, math.max(100, TRIED_BYTES * source.rows // math.max(source.bytes, 1)))
  local from = source.parent_oid == source.oid and source.source or "ONLY " .. source.source
  local copying = "CREATE TEMP TABLE partdemo_trial AS SELECT %s FROM %s LIMIT %d"
  ctx.conn:exec "BEGIN"
  local begun = sched.now()
  local rows = ctx.conn:exec(copying:format(source.all_columns, from, most)).affected
  local copied = sched.now()
  ctx.conn:exec "SELECT sum(hashtextextended(t::text, 0)::numeric) FROM partdemo_trial AS t"
  local compared = sched.now()
  ctx.conn:exec "ROLLBACK"
  return { rows = rows, most = most, copying = copied - begun, comparing = 2 * (compared - copied) }
end

-- Rows and bytes to copy, and the time that it takes.
local function size(self, ctx, change)
  local rows, bytes, tried = 0, 0, sample(ctx, change.sources[1])
  for _, each in ipairs(change.sources) do
    rows, bytes = rows + each.rows, bytes + each.bytes
  end
  local is_all = tried.rows < tried.most and #change.sources == 1
  rows = is_all and tried.rows or math.max(rows, tried.rows)
  note(
    self,
    "to copy: %s%s, %s; as much disk again is needed until the end, and what the indexes take",
    is_all and "" or "about ",
    text.count(rows, "row"),
    text.bytes(bytes)
  )
  if tried.rows > 0 then
    local times = rows / tried.rows
    note(
      self,
      "time: at least %s to copy and %s to compare, measured now on %s; indexes, pauses and waits come on top",
      text.seconds(tried.copying * times),
      text.seconds(tried.comparing * times),
      is_all and "all of them" or text.number(tried.rows) .. " of them"
    )
  end
end

-- When all steps are listed: notes who is in the way of one of the locks, and ends the transaction in which the first
-- step was tried.
function methods:close(ctx)
  local oids = {}
  for name in pairs(self.met) do
    local oid = self.conn:exec("SELECT to_regclass($1)::oid::bigint AS oid", name)[1].oid
    oids[#oids + 1] = oid -- nil: it has this name later
  end
  local holders = sql.lock_holders(ctx, oids)
  holders = holders and holders .. "; locks wait until they end their transactions"
  note(self, "in use now by: %s", holders or "nobody")
  if self.open then
    sqlfile.roll_back(self.conn)
    self.open = false
  end
  if self.copies then
    size(self, ctx, self.copies)
  end
end

-- Lines of src/sql/online_lines.sql about what hangs on a table, and where what matters to a comparison alone begins.
local hanging = {
  { "^%a+ index", ", primary [tf], clustered" },
  { "^constraint", ", validated" },
  { "^referenced by", ", validated" },
  { "^trigger", ", enabled" },
  { "^policy", " comment " },
  { "^statistics", ", owner" },
}

-- What hangs on the table and comes along; with --verbose everything, as it will be compared.
local function dependencies(ctx, change, add)
  add "what comes along, besides columns, owner, privileges, options and comments:"
  local any, name = false, change.source.source:gsub("%%", "%%%%")
  for _, line in ipairs(online_table.lines(ctx, change.source.oid, true)) do
    for _, kind in ipairs(hanging) do
      if line:find(kind[1]) then
        local ends = line:find(kind[2])
        line = report.is_verbose() and line or line:sub(1, ends and ends - 1)
        add("  %s", (line:gsub("<table>", name)))
        any = true
      end
    end
  end
  local whole = change.whole or change.hist
  local made = whole and online_table.whole_definition(ctx, change.source, change.new, "view") or {}
  for _, row in ipairs(made) do
    add("  view %s", row.statement:match "^CREATE OR REPLACE VIEW (.-) AS ")
    any = true
  end
  if not any then
    add "  nothing"
  end
end

-- Sessions whose snapshots the swap waits for if they are there still: of transactions of more than a second.
local function snapshots(ctx, add)
  local now = ctx.conn:exec(
    "SELECT pg_current_xact_id()::text AS xid, (clock_timestamp() - interval '1 second')::text AS at"
  )[1]
  local found = catalog.query(ctx.conn, "online_old_snapshots", now.xid, now.at)
  if #found > 0 then
    add("a snapshot, for whose end the swap waits, has: %s", sql.describe_sessions(found))
  end
end

-- What there is to know before the first statement besides who is in the way.
local function about(ctx, add)
  local change = ctx.online
  if not change then
    return
  end
  if ctx.plan.open then
    if change.outside_seconds then
      add(
        "no row is copied; a scan for rows out of bound took %s now, and the CHECK takes another one",
        text.seconds(change.outside_seconds)
      )
    elseif ctx.params.lag and ctx.params.archive ~= "" then
      ctx.plan.copies = change -- its rows are tried when this transaction has ended
    end
    if ctx.params.archive == nil then
      dependencies(ctx, change, add)
    end
    if ctx.params.p99 ~= nil then
      snapshots(ctx, add)
    end
  end
end

-- Nobody else uses what a run that goes on has made before its swap.
local function keep_own(ctx)
  local change = ctx.online
  if not change or not change.targets or run.has(change.run, "swapped") or change.way_back then
    return
  end
  local names = { change.new and not change.new.kept and change.new.full_name or nil }
  for _, target in ipairs(change.targets) do
    names[#names + 1] = not target.kept and target.full_name or nil
    for _, sub in ipairs(target.sub or {}) do
      names[#names + 1] = sub.full_name
    end
  end
  ctx.plan.company:keep(names)
end

-- What another plan or a run that begins makes at the same time: a schema, tables, functions.
local in_the_way = { ["55P03"] = true, ["40P01"] = true, ["23505"] = true, ["XX000"] = true }

-- What the step says. It is tried again when the transaction in which it was tried has met another one's.
local function gather(ctx, call, place)
  for n = 1, TRIES do
    local this =
      setmetatable({ conn = ctx.conn, company = company.new(ctx.conn), met = {}, list = {} }, meta)
    this.tries = place == "begin"
    ctx.plan = this
    local ok, notes = fail.call(report.gather, call, ctx)
    this.tries = false
    if ok then
      return notes
    end
    sqlfile.roll_back(ctx.conn)
    local again = this.open and type(notes) == "table" and in_the_way[notes.sqlstate]
    if not again or n == TRIES then
      error(notes, 0)
    end
    sched.sleep(0.1 * n)
  end
end

-- What step.plan is of a step's function. place: "begin" for the one that makes what the others work on, "first" for
-- another one that no step comes before.
function plan.of(call, place)
  return function(ctx)
    local notes
    if place then
      notes = gather(ctx, call, place)
    else
      ctx.plan.list = {}
      notes = report.gather(call, ctx)
    end
    local this = ctx.plan
    if not place then
      return this.list, {}
    end
    keep_own(ctx)
    if place ~= "begin" and #this.list > 0 then
      notes = {} -- they speak of what was done
    end
    this.notes = notes
    about(ctx, function(format, ...)
      note(this, format, ...)
    end)
    return this.list, notes
  end
end

return plan
