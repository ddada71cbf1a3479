-- What an online change would do, for --dry-run. Its steps are gone through as in a run, and what they would send is
-- listed instead (see sql.exec). Only the first step's statements, which make tables that nobody else knows, are
-- executed, in a transaction that is rolled back before anything is printed: what the catalog says of these tables
-- decides on later statements.
local company = require "partdemo.lock_company"
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

-- What a statement that is only listed answers: nothing to object to, nothing left to do.
local ANSWER = { lines = 0, rows = 0, source_rows = 0, target_rows = 0, same = true }

local methods = {}
local meta = { __index = methods }

-- The comment of the next statement.
function methods:explain(comment)
  self.comment = comment
end

-- BEGIN, COMMIT and what else only surrounds other statements.
function methods:frame(statement)
  self.list[#self.list + 1] = { sql = statement, frame = true }
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

-- Lists what would be sent; what it answers.
function methods:add(statements)
  local parsed, e = sqltext.split(statements)
  if not parsed then
    error(e, 0)
  end
  for i = 1, #parsed do
    local each = parsed:statement(i)
    local is_frame = each.sql:find "^SET "
      or each.sql:find "^RESET "
      or each.verb == "BEGIN"
      or each.verb == "COMMIT"
    self.list[#self.list + 1] = {
      sql = each.sql,
      comment = self.comment or each.comment,
      frame = is_frame ~= nil and is_frame ~= false,
      lock = locks.describe(each.sql, self.company),
    }
    self.comment = nil
    self.company:follow(each.sql)
  end
  local result = self.tries and self.open and try(self, statements)
  return result or statements:find "^WITH batch" and {} or { ANSWER }
end

-- Ends the transaction in which the first step was tried.
function methods:close()
  if self.open then
    sqlfile.roll_back(self.conn)
    self.open = false
  end
end

-- The least time that copying takes: that of a few rows, copied into a temporary table that is rolled back.
local function least_seconds(ctx, source, rows)
  local statement = "CREATE TEMP TABLE partdemo_trial AS SELECT %s FROM %s LIMIT %d"
  local from = source.parent_oid == source.oid and source.source or "ONLY " .. source.source
  local begun = sched.now()
  local tried = ctx.conn:exec(statement:format(source.all_columns, from, TRIED)).affected
  local seconds = tried > 0 and (sched.now() - begun) / tried * math.max(rows, tried) or 0
  ctx.conn:exec "DROP TABLE partdemo_trial"
  return seconds, tried
end

-- What lines of src/sql/online_lines.sql begin with, and what they are.
local hanging = {
  { "^%a+ index", "index", "indexes" },
  { "^constraint", "constraint" },
  { "^referenced by", "foreign key to it", "foreign keys to it" },
  { "^trigger", "trigger" },
  { "^policy", "policy", "policies" },
  { "^statistics", "statistics object" },
}

-- What comes along, in a line; each thing by itself with --verbose.
local function dependencies(ctx, source, add)
  local words, lines = {}, online_table.lines(ctx, source.oid)
  for _, kind in ipairs(hanging) do
    local n = 0
    for _, line in ipairs(lines) do
      n = n + (line:find(kind[1]) and 1 or 0)
    end
    words[#words + 1] = n > 0 and text.count(n, kind[2], kind[3]) or nil
  end
  words[#words + 1] = "owner, privileges, options, comments"
  add("comes along: %s", table.concat(words, ", "))
  for _, line in ipairs(report.is_verbose() and lines or {}) do
    add("  %s", line)
  end
end

-- Rows and bytes to copy, and the time that it takes.
local function size(ctx, change, add)
  local rows, bytes = 0, 0
  for _, each in ipairs(change.sources) do
    rows, bytes = rows + each.rows, bytes + each.bytes
  end
  local seconds, tried = least_seconds(ctx, change.sources[1], rows)
  add(
    "to copy: about %s, %s, and as much disk until the end; at least %s, as %s of them took, without indexes, "
      .. "checks and pauses",
    text.count(rows, "row"),
    text.bytes(bytes),
    text.seconds(seconds),
    text.number(tried)
  )
end

-- What there is to know before the first statement: sizes, what comes along, who would be in the way.
local function about(ctx, add)
  local change = ctx.online
  if not change then
    return
  end
  local oids = { change.source.parent_oid }
  for i, each in ipairs(change.members or change.sources) do
    oids[i + 1] = each.oid
  end
  if ctx.plan.open and not change.hist then
    if ctx.params.archive ~= "" then
      size(ctx, change, add)
    end
  end
  if ctx.plan.open and ctx.params.archive == nil then
    dependencies(ctx, change.source, add)
  end
  add("in use now by: %s", sql.lock_holders(ctx, oids) or "nobody")
end

-- Nobody else uses what a run that goes on has made before its swap.
local function keep_own(ctx)
  local change = ctx.online
  if not change or not change.targets or run.has(change.run, "swapped") then
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

-- What step.plan is of a step's function. place: "begin" for the one that makes what the others work on, "first" for
-- another one that no step comes before.
function plan.of(call, place)
  return function(ctx)
    ctx.plan = ctx.plan or setmetatable({ conn = ctx.conn, company = company.new(ctx.conn) }, meta)
    local this = ctx.plan
    this.list, this.tries = {}, place == "begin"
    local notes = report.gather(call, ctx)
    this.tries = false
    if not place then
      return this.list, {}
    end
    keep_own(ctx)
    if place ~= "begin" and #this.list > 0 then
      notes = {} -- they speak of what was done
    end
    about(ctx, function(format, ...)
      notes[#notes + 1] = "      " .. format:format(...)
    end)
    return this.list, notes
  end
end

return plan
