-- Detaching a partition that is in use, and archiving what it holds: the steps of scenarios/online/detach.lua.
local archive = require "partdemo.online_archive"
local attach = require "partdemo.online_attach"
local catalog = require "partdemo.catalog"
local copy = require "partdemo.online_copy"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local words = require "partdemo.online_words"

local detach = {}

local phases = { begun = 1, detached = 2, copied = 3, proved = 4 }

local function is_past(ctx, phase)
  if phases[ctx.online.run.phase] >= phases[phase] then
    report.say "      done before"
    return true
  end
  return false
end

local function state_of(ctx, source)
  return catalog.first(ctx.conn, "online_attached", source.parent_oid, source.oid).state
end

local function variables(ctx)
  local vars = copy.variables(ctx.online)
  local details = ctx.online.run.details
  vars.archive, vars.router = details.archive, details.archive
  -- The archive has generated columns as plain ones.
  vars.columns, vars.values = vars.all_columns, vars.all_columns
  return vars
end

local function arguments(params)
  return ("--archive %s%s"):format(words.shell(params.archive), params.drop and " --drop" or "")
end

-- Raises when rows of other tables refer to rows of the partition: PostgreSQL would refuse to detach it.
local function refuse_referred(ctx, source)
  local found = {}
  for _, key in ipairs(catalog.query(ctx.conn, "online_referring", source.oid)) do
    report.status(("looking whether %s refers to %s"):format(key.child, source.source))
    if ctx.conn:exec(key.statement)[1].any then
      found[#found + 1] = ("%s of %s"):format(key.name, key.child)
    end
  end
  if #found > 0 then
    fail.raise("check", ("rows of other tables refer to rows of %s"):format(source.source), {
      detail = "by the foreign key " .. table.concat(found, "\nby the foreign key "),
      hint = "Nothing was changed. Remove the rows that refer to it, or the foreign key.",
    })
  end
end

-- Step: look at the partition, or find the run that was begun before.
function detach.begin(ctx)
  run.prepare_session(ctx)
  local name = archive.name(ctx)
  local this = run.resume(ctx, "detach", arguments(ctx.params))
  if this then
    ctx.online = { run = this, source = this.details.source, sources = { this.details.source } }
    return
  end
  local source = online_table.source(ctx)
  local is_there = name and archive.is_there(ctx, source, name)
  archive.foresee(ctx, source, name)
  refuse_referred(ctx, source)
  local checks = {}
  for i, row in ipairs(catalog.query(ctx.conn, "online_checks", source.oid)) do
    checks[i] = row.name
  end
  sql.briefly(ctx, "the note of the run", { source.oid }, function()
    this = run.begin(ctx, {
      operation = "detach",
      arguments = arguments(ctx.params),
      sources = { source },
      phase = "begun",
      details = {
        source = source,
        archive = name,
        archive_was_there = is_there or nil,
        checks = json.array(checks),
      },
    })
  end)
  ctx.online = { run = this, source = source, sources = { source } }
  report.say(
    report.fold(
      ("      %s, %s: about %s, %s"):format(
        source.source,
        source.bound,
        text.count(source.rows, "row"),
        text.bytes(source.bytes)
      ),
      8
    )
  )
end

local function finalize(ctx, vars)
  sql.briefly(ctx, "the end of the detach", { ctx.online.source.oid }, function()
    sql.run(ctx, "detach_finalize", vars)
  end)
  report.say "      a detach that was interrupted is finished"
end

-- One try stops others for less than --stall.
local function detach_locked(ctx, vars)
  sql.set_limits(ctx, vars)
  local whole = sql.text(ctx, "detach_locked", vars)
  local seconds
  local tries = sql.ladder(
    ctx,
    "the detach",
    { ctx.online.source.parent_oid, ctx.online.source.oid },
    function()
      local begun = sched.now()
      sql.exec(ctx, whole)
      seconds = sched.now() - begun
    end,
    true
  )
  report.say(
    ("      detached in %s under a lock, because of %s%s"):format(
      text.seconds(seconds),
      vars.default_partition,
      tries > 0 and ("; %s backed out before"):format(text.count(tries, "try", "tries")) or ""
    )
  )
end

local function detach_concurrently(ctx, vars)
  local begun = sched.now()
  report.status "waiting for the transactions that use the table"
  sql.run(ctx, "detach_concurrently", vars)
  report.say(
    ("      detached in %s without a lock that others need"):format(
      text.seconds(sched.now() - begun)
    )
  )
end

-- Step: detach it, CONCURRENTLY where that is possible. What an earlier process left half done is finished.
function detach.detach(ctx)
  if is_past(ctx, "detached") then
    return
  end
  local vars = variables(ctx)
  local state = state_of(ctx, ctx.online.source)
  if state == "pending" then
    finalize(ctx, vars)
  elseif state == "attached" then
    local source = ctx.online.source
    local now = online_names.partition(ctx.conn, source.parent, source.source)
    vars.default_partition = now.default_partition
    if now.default_partition then
      detach_locked(ctx, vars)
    else
      detach_concurrently(ctx, vars)
    end
  end
  run.advance(ctx, ctx.online.run, "detached")
end

-- Step of --archive: copy the rows into the archive, in batches.
function detach.archive(ctx)
  if is_past(ctx, "copied") then
    return
  end
  local vars = variables(ctx)
  local details = ctx.online.run.details
  if not details.archive_was_there and not catalog.relation(ctx.conn, details.archive) then
    archive.make(ctx, vars)
  end
  copy.rows(ctx, { run = ctx.online.run, source = ctx.online.source, variables = vars })
  run.advance(ctx, ctx.online.run, "copied")
end

-- Step of --archive: prove that the archive has every row; with --drop, drop the partition in the same transaction.
function detach.prove(ctx)
  if is_past(ctx, "proved") then
    return
  end
  local vars, oid = variables(ctx), ctx.online.source.oid
  if ctx.params.drop then
    -- Dropping a foreign key locks the table that it refers to: by itself, not during the comparison.
    for _, row in ipairs(catalog.query(ctx.conn, "online_outgoing", oid, nil)) do
      sql.briefly(ctx, "the end of a foreign key", { oid }, function()
        sql.exec(ctx, row.statement)
      end)
    end
  end
  sql.briefly(ctx, "the comparison", { oid }, function()
    local mode = ctx.params.drop and "ACCESS EXCLUSIVE" or "SHARE"
    sql.exec(ctx, ("LOCK TABLE ONLY %s IN %s MODE"):format(vars.source, mode))
    archive.prove(ctx, vars)
    if ctx.params.drop then
      sql.exec(ctx, "DROP TABLE " .. vars.source)
      report.say(("      %s is dropped"):format(vars.source))
    end
    run.advance(ctx, ctx.online.run, "proved")
  end)
end

-- Step: forget the run.
function detach.finish(ctx)
  run.forget(ctx, ctx.online.run)
  local source = ctx.online.source
  if state_of(ctx, source) == "detached" then
    report.say(("      %s is a table of its own"):format(source.source))
  end
end

-- Attaches the partition again, and takes its rows out of the archive. Of one that is dropped already, or whose table
-- is, the run is forgotten.
function detach.take_back(ctx, this)
  ctx.online = { run = this, source = this.details.source, sources = { this.details.source } }
  local vars = variables(ctx)
  local state = state_of(ctx, ctx.online.source)
  if state == "gone" or not catalog.relation(ctx.conn, ctx.online.source.parent) then
    run.forget(ctx, ctx.online.run)
    return report.say "      the run is forgotten: there is nothing to attach"
  end
  if state == "pending" then
    finalize(ctx, vars)
    state = "detached"
  end
  if state == "detached" then
    attach.refuse(ctx, vars)
    archive.take_out(ctx, vars)
    run.abort(ctx, this)
    attach.again(ctx, vars)
  end
  archive.drop(ctx)
  run.forget(ctx, ctx.online.run)
  report.say "      the partition is attached as before"
end

-- Step of --abort.
function detach.abort(ctx)
  run.prepare_session(ctx)
  local this = run.take_up(ctx, "detach")
  if not this then
    return report.say "      there is no run"
  elseif state_of(ctx, this.details.source) == "gone" and phases[this.phase] >= phases.proved then
    fail.raise("check", "the partition is dropped already: its rows are in the archive", {
      hint = "The same command without --abort ends the run.",
    })
  end
  detach.take_back(ctx, this)
end

-- The name of the detached table, without a schema in that of the table that it was a partition of.
local function detached(conn, params, parent)
  local name, schema = online_names.read(params.partition)
  schema = schema or catalog.first(conn, "online_place", parent.oid).schema
  local found = catalog.relation(conn, sql.name(conn, name, schema))
  return found and found.full_name
end

-- Whether the partition is detached and, with --archive, its rows are there; why not.
function detach.is_done(conn, params)
  local parent = catalog.relation(conn, params.table)
  if not parent or parent.kind ~= "p" then
    return false, "there is no such partitioned table"
  elseif online_names.partition(conn, params.table, params.partition) then
    return false, "it is attached"
  end
  local table_ = detached(conn, params, parent)
  if params.archive == "" then
    return table_ ~= nil, not table_ and "there is no such table" or nil
  end
  local kept = catalog.relation(conn, params.archive)
  if not kept then
    return false, ("there is no %s"):format(params.archive)
  elseif params.drop or not table_ then
    return not table_, table_ and "it is there still" or nil
  end
  local columns = catalog.first(conn, "columns", table_).list
  -- As texts, because not every type has an equality.
  local missing = (
    "SELECT count(*) AS n FROM (SELECT r::text FROM (SELECT %s FROM %s) AS r "
    .. "EXCEPT ALL SELECT r::text FROM (SELECT %s FROM %s) AS r) AS x"
  ):format(columns, table_, columns, catalog.quoted(conn, params.archive))
  local n = conn:exec(missing)[1].n
  return n == 0, n > 0 and text.count(n, "row") .. " are not in the archive" or nil
end

return detach
