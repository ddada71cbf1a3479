-- A run of an online change, as the database remembers it in partdemo.runs: begun, found again after whatever
-- ended it, advanced from phase to phase, removed.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"
local words = require "partdemo.online_words"

local run = {}

-- Seconds that a transaction of the run's own waits for a lock that nobody should hold, and behind which nobody waits.
run.lock_wait = 0.2

-- Phases that a change has behind it, in this order; a detach has others.
local order = {}
for i, phase in ipairs {
  "begun",
  "captured",
  "copied",
  "built",
  "promised",
  "swapped",
  "validated",
  "kept",
} do
  order[phase] = i
end

-- Whether the run has the phase behind it.
function run.has(this, phase)
  return order[this.phase] >= order[phase]
end

-- The same for the run of a context; says so.
function run.is_past(ctx, phase)
  local past = run.has(ctx.online.run, phase)
  if past then
    report.say "      done before"
  end
  return past
end

-- Whether --abort can remove every trace of it.
function run.can_abort(this)
  return (order[this.phase] or 0) < order.swapped
end

-- What the steps work on, from the run's details.
function run.change(this)
  local details = this.details
  return {
    run = this,
    source = details.sources[1],
    sources = details.sources,
    targets = details.targets,
    whole = details.whole,
    members = details.members,
    key = details.key,
    not_null = details.not_null,
    new = details.new,
    lines = details.lines,
    lines_after = details.lines_after,
    zone = details.zone,
    default_promise = details.default_promise,
  }
end

-- What a role or a database may have set otherwise, and what would get in the way of a long run. A commit
-- that a crash loses takes everything after it along, so it need not be waited for.
local SESSION = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
  .. "SET idle_session_timeout = 0; " -- the copy pauses
  .. "SET default_transaction_isolation = 'read committed'; SET default_tablespace = ''; SET jit = off; "
  .. "SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET synchronous_commit = off; "
  .. "SET default_table_access_method = 'heap'; SET row_security = off" -- hidden rows are an error

-- Settings that not every role may change or not every server has.
local WISHES = {
  "SET deadlock_timeout = '20ms'", -- an autovacuum that is in the way is cancelled after this time
  "SET transaction_timeout = 0", -- PostgreSQL 17
}

-- For a look, too: that of a migration has a transaction.
function run.set_session(conn)
  conn:exec(SESSION)
  for _, wish in ipairs(WISHES) do
    pcall(conn.exec, conn, wish)
  end
end

function run.prepare_session(ctx)
  local version = ctx.conn:info().version
  if version > 0 and version < 150000 then -- 0 of a lost connection, as the next statement says
    fail.raise("usage", "online changes need PostgreSQL 15 or newer")
  end
  run.set_session(ctx.conn)
end

-- Names of what run number `id` makes for itself. turned: on the way back. new: the whole table that rows go to, if it
-- is one.
function run.own_names(id, turned, new)
  local names = {}
  for _, kind in ipairs { "log", "router", "capture", "drain", "guard", "pattern" } do
    names[kind] = ("partdemo.%s_%s"):format(kind, id)
  end
  names.router = new and (new.kept or new.full_name) or names.router
  names.drain_forth, names.drain_back = names.drain, ("partdemo.drain_back_%s"):format(id)
  names.drain = turned and names.drain_back or names.drain_forth
  names.old, names.undone = ("partdemo_old_%s"):format(id), ("partdemo_undone_%s"):format(id)
  names.away = turned and names.undone or names.old
  names.capture_name = ("partdemo_capture_%s"):format(id)
  names.guard_name = ("partdemo_guard_%s"):format(id)
  names.promise = ("partdemo_promise_%s"):format(id)
  return names
end

local function is_there(conn)
  return conn:exec("SELECT to_regclass('partdemo.runs') IS NOT NULL AS there")[1].there
end

local function from_row(row)
  row.details = json.decode(row.details)
  row.key = row.key and json.decode(row.key)
  row.names = run.own_names(row.id, row.details.turned, row.details.new)
  return row
end

-- Every run that has not ended: those on the tables with these names or below them, and those on other tables.
function run.all(conn, tables)
  local mine, others = {}, {}
  for _, row in
    ipairs(is_there(conn) and catalog.query(conn, "online_runs", json.encode(tables)) or {})
  do
    table.insert(row.in_tree and mine or others, from_row(row))
  end
  return mine, others
end

local part_options = { split = "partition", detach = "partition", merge = "partitions" }

-- The command, as for a shell, that goes on with a run of run.all().
function run.command(this)
  local of = part_options[this.operation]
  local part = of and (" --%s %s"):format(of, words.shell(this.name)) or ""
  local command = "partdemo run online/%s --table %s%s %s"
  return (
    command:format(this.operation, words.shell(this.parent), part, this.arguments):gsub("%s+$", "")
  )
end

-- The run that was begun for this partition and has not ended, or nil.
function run.find(conn, operation, params)
  local part, name, schema = params.partition or params.partitions, nil, nil
  if params.partition then
    name, schema = online_names.read(params.partition)
  end
  local row = is_there(conn)
    and catalog.first(conn, "online_run", operation, params.table, part, name, schema)
  return row and from_row(row) or nil
end

local captures = { split = true, merge = true, migrate = true }

-- Whether what is kept can be brought up to date: since the swap, every change of what is there now is captured. A
-- conversion has nothing to bring up to date.
function run.captures(conn, this)
  if not captures[this.operation] then
    return true
  end
  local names = this.names
  return catalog.first(conn, "online_captures", this.id, names.capture_name, names.guard_name).all
end

-- Raises when an --abort of the run has begun: what it took away already is missing.
function run.refuse_aborted(this)
  if this and this.details.aborted then
    fail.raise("check", "the --abort of the run was interrupted", {
      hint = "--abort again ends it; then the change can begin anew.",
    })
  end
end

-- Goes on with a run in the search_path in which it was begun, as what it has noted and made is read in that one. From
-- then on the table has to have its schema, also for the checks. What undoes it.
function run.enter(ctx, this)
  local path, now = this.details.search_path, catalog.first(ctx.conn, "online_search_path").path
  if not path or path == now then
    return function() end
  end
  local before = ctx.conn:exec("SELECT current_setting('search_path') AS path")[1].path
  sql.exec(ctx, "SET search_path = " .. path)
  if ctx.plan then
    ctx.conn:exec("SET search_path = " .. path) -- what is listed next is read from the catalog
  end
  ctx.online_table = (this.details.source or this.details.sources[1]).parent
  return function()
    ctx.conn:exec("SELECT set_config('search_path', $1, false)", before)
    ctx.online_table = nil
  end
end

-- What a run needs that an older partdemo has begun.
local function renew(ctx)
  local query = "SELECT to_regprocedure('partdemo.hangs(oid[], oid)') IS NOT NULL AS there"
  if not ctx.conn:exec(query)[1].there then
    sql.transaction(ctx, nil, function()
      sql.run(ctx, "begin", {})
    end)
  end
end

-- The run that was begun for this partition and has not ended, entered; nil when there is none.
function run.take_up(ctx, operation)
  local this = run.find(ctx.conn, operation, ctx.params)
  if this then
    run.enter(ctx, this)
    renew(ctx)
  end
  return this
end

-- The run that was begun with the same arguments and goes on now, or nil when none was begun. Raises a usage failure
-- when it was begun with others.
function run.resume(ctx, operation, arguments)
  local this = run.take_up(ctx, operation)
  run.refuse_aborted(this)
  if this and this.arguments ~= arguments then
    local message = "a run on %s.%s was begun with other arguments: %s"
    fail.raise("usage", message:format(this.schema, this.name, this.arguments), {
      hint = "Give those to end it, or --abort.",
    })
  elseif this and this.details.turned then
    fail.raise("usage", "the run is on its way back", {
      hint = "--undo goes on with that, --abort gives up the way back and leaves the table as it is.",
    })
  elseif this then
    report.say(("      goes on with the run begun at %s: %s"):format(this.begun, this.phase))
  end
  return this
end

-- Begins a run, within a transaction. spec: operation, arguments, sources (src/sql/online_source.sql, or
-- online_members.sql of the table `place`), name (of the first one when nil), phase, details.
function run.begin(ctx, spec)
  spec.details.search_path = catalog.first(ctx.conn, "online_search_path").path
  sql.run(ctx, "begin", {})
  local source, oids = spec.place or spec.sources[1], {}
  for i, each in ipairs(spec.sources) do
    oids[i] = each.oid
  end
  local id = sql.run(ctx, "run", {
    operation = spec.operation,
    arguments = spec.arguments,
    parent_oid = source.parent_oid,
    sources = "{" .. table.concat(oids, ",") .. "}",
    schema = source.schema,
    name = spec.name or source.name,
    phase = spec.phase,
    details = json.encode(spec.details),
  })[1].id
  for _, oid in ipairs(oids) do
    local other = catalog.first(ctx.conn, "online_other_run", id, oid)
    if other then
      local in_the_way = "another run is in the way: %s of %s.%s"
      fail.raise("check", in_the_way:format(other.operation, other.schema, other.name), {
        detail = "It was begun with " .. other.arguments,
        hint = "Let the same command end it, or --abort.",
      })
    end
  end
  return {
    id = id,
    operation = spec.operation,
    phase = spec.phase,
    details = spec.details,
    copied = 0,
    names = run.own_names(id),
  }
end

-- What somebody took from under a change that is not swapped yet, in words; nil when all of it is there.
function run.lost(ctx)
  local change, this = ctx.online, ctx.online.run
  local copies = captures[this.operation]
  local makes = copies or this.operation == "convert" and not this.details.turned
  if not makes or run.has(this, "swapped") then
    return nil
  end
  for _, source in ipairs(change.sources) do
    local found = catalog.first(ctx.conn, "online_attached", source.parent_oid, source.oid)
    local is_whole = source.oid == source.parent_oid
    if is_whole and found.state == "gone" then
      return ("%s is not there any more"):format(source.source)
    elseif not is_whole and found.state ~= "attached" then
      return ("%s is no partition of %s any more"):format(source.source, source.parent)
    end
  end
  local own = { copies and this.names.router or change.new.full_name }
  if copies and run.has(this, "captured") then
    own[2] = this.names.log
  end
  for _, target in ipairs(change.targets) do
    own[#own + 1] = target.kept or target.full_name
  end
  for _, name in ipairs(own) do
    if not catalog.relation(ctx.conn, name) then
      return ("%s, which the run made, is not there any more"):format(name)
    end
  end
  return nil
end

-- Notes that a phase has ended, within the caller's transaction if there is one.
function run.advance(ctx, this, phase)
  sql.exec(
    ctx,
    ("UPDATE partdemo.runs SET phase = %s WHERE id = %d"):format(ctx.conn:literal(phase), this.id)
  )
  this.phase = phase
end

-- Adds to the details, within the caller's transaction if there is one.
function run.note(ctx, this, more)
  local statement = "UPDATE partdemo.runs SET details = details || %s::jsonb WHERE id = %d"
  sql.exec(ctx, statement:format(ctx.conn:literal(json.encode(more)), this.id))
  for name, value in pairs(more) do
    this.details[name] = value
  end
end

-- Before anything is taken back: from now on the run cannot go on, whatever interrupts that.
function run.abort(ctx, this)
  if not this.details.aborted then
    sql.remark(ctx, "Note that the run can only be taken back from now on")
    run.note(ctx, this, { aborted = true })
  end
end

-- After the last run: nothing of the schema is left, unless somebody else keeps something in it.
function run.forget_schema(ctx, this)
  local others = "SELECT count(*) AS runs FROM partdemo.runs WHERE id <> %d"
  if ctx.conn:exec(others:format(this.id))[1].runs > 0 then
    return
  end
  sql.run(ctx, "forget", {})
  sql.remark(ctx, "If nobody else keeps something in it")
  if ctx.plan or catalog.first(ctx.conn, "online_schema").objects == 0 then
    sql.exec(ctx, "DROP SCHEMA partdemo")
  end
end

-- Forgets a run that made nothing for itself, or nothing that is left.
function run.forget(ctx, this)
  sql.briefly(ctx, "the end of the run", {}, function()
    sql.exec(ctx, ("DELETE FROM partdemo.runs WHERE id = %d"):format(this.id))
    run.forget_schema(ctx, this)
  end)
end

return run
