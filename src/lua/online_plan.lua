-- What an online change would do, for --dry-run: the statements in order, with nothing changed. A run has no
-- number yet, so its own names end in N.
local catalog = require "partdemo.catalog"
local copy = require "partdemo.online_copy"
local fail = require "partdemo.fail"
local merge = require "partdemo.online_merge"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sched = require "partdemo.sched"
local split = require "partdemo.online_split"
local sql = require "partdemo.online_sql"
local swap = require "partdemo.online_swap"
local text = require "partdemo.text"
local whole = require "partdemo.online_whole"

local plan = {}

local TRIED = 20000 -- rows that are copied to see what a row takes
local PROMISED = "..." -- the bound in PostgreSQL's words, known when the new partitions are there

local function append(list, more)
  return table.move(more, 1, #more, #list + 1, list)
end

local function definitions(ctx, phase, list)
  local change = ctx.online
  for _, unit in ipairs(change.whole and { change.new } or change.targets) do
    for _, row in ipairs(online_table.definition(ctx, change.source, unit, phase)) do
      list[#list + 1] = { sql = row.statement }
    end
  end
  return list
end

local function variables(ctx)
  local vars = copy.variables(ctx.online)
  vars.capture_body, vars.drain_body, vars.expression = PROMISED, PROMISED, PROMISED
  vars.after, vars.size = "true", "500"
  sql.set_limits(ctx, vars)
  return vars
end

-- Raises when a run is under way: a plan would not be of it.
local function refuse_a_second(ctx, operation)
  run.prepare_session(ctx)
  local this = run.find(ctx.conn, operation, ctx.params)
  if this then
    fail.raise("check", ("a run is under way, at the phase '%s'"):format(this.phase), {
      hint = "The same command without --dry-run goes on with it; --abort removes its traces.",
    })
  end
end

plan.refuse_a_second = refuse_a_second

-- The least time that copying takes: that of a few rows, copied into a temporary table that is rolled back.
local function least_seconds(ctx, source, rows)
  local statement = "CREATE TEMP TABLE partdemo_trial AS SELECT %s FROM %s LIMIT %d"
  local from = source.parent_oid == source.oid and source.source or "ONLY " .. source.source
  return sql.trial(ctx.conn, nil, function()
    local begun = sched.now()
    local tried = ctx.conn:exec(statement:format(source.all_columns, from, TRIED)).affected
    return tried > 0 and (sched.now() - begun) / tried * math.max(rows, tried) or 0
  end)
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
local function say_dependencies(ctx, source)
  local words, lines = {}, online_table.lines(ctx, source.oid)
  for _, kind in ipairs(hanging) do
    local n = 0
    for _, line in ipairs(lines) do
      n = n + (line:find(kind[1]) and 1 or 0)
    end
    words[#words + 1] = n > 0 and text.count(n, kind[2], kind[3]) or nil
  end
  local list = #words > 0 and table.concat(words, ", ") or "nothing but its columns"
  report.result(
    report.fold("  comes along: " .. list .. ", owner, privileges, options, comments", 4)
  )
  for _, line in ipairs(report.is_verbose() and lines or {}) do
    report.result(report.fold("    " .. line, 6))
  end
end

plan.say_dependencies = say_dependencies

-- What will be copied, what hangs on it, and who would be in the way now. relations: those that are locked.
local function say_size(ctx, sources, relations)
  local oids, rows, bytes = {}, 0, 0
  for _, each in ipairs(sources) do
    rows, bytes = rows + each.rows, bytes + each.bytes
  end
  for i, each in ipairs(relations) do
    oids[i] = each.oid
  end
  local size =
    "  about %s, %s; as much disk is needed until the end; to copy them takes at least %s"
  local seconds = least_seconds(ctx, sources[1], rows)
  report.result(
    report.fold(size:format(text.count(rows, "row"), text.bytes(bytes), text.seconds(seconds)), 4)
  )
  say_dependencies(ctx, sources[1])
  local holders = sql.lock_holders(ctx, oids)
  report.result(report.fold("  in use now by: " .. (holders or "nobody"), 4))
end

local function begin(ctx, sources, targets)
  local source, names = sources[1], run.own_names "N"
  ctx.online = {
    source = source,
    sources = sources,
    targets = targets,
    run = { id = "N", names = names, details = {} },
    default_promise = source.default_partition ~= nil and source.bound ~= "DEFAULT",
  }
  say_size(ctx, sources, { { oid = source.parent_oid }, table.unpack(sources) })
  local list = sql.list(ctx, "begin", {})
  append(list, sql.list(ctx, "router", online_table.variables(ctx, source, names)))
  for _, target in ipairs(targets) do
    append(list, sql.list(ctx, "aside", online_table.variables(ctx, source, names, target)))
    append(list, sql.list(ctx, "bound", { target = target.full_name, bound = PROMISED }))
  end
  return definitions(ctx, "bare", list)
end

-- The new partitions. Raises what cannot be carried over, as the run would; says who would be in the way now.
function plan.begin(ctx)
  refuse_a_second(ctx, "split")
  local source = online_table.source(ctx)
  online_table.refuse(ctx, source)
  return begin(ctx, { source }, split.targets(ctx.conn, source, ctx.params))
end

function plan.begin_merge(ctx)
  refuse_a_second(ctx, "merge")
  local sources = merge.sources(ctx)
  return begin(ctx, sources, { merge.target(ctx.conn, sources, ctx.params) })
end

-- The new table of a migration.
function plan.begin_migrate(ctx)
  refuse_a_second(ctx, "migrate")
  local migrate = require "partdemo.online_migrate"
  local source, wanted, members = migrate.look(ctx)
  ctx.online = {
    whole = true,
    source = source,
    sources = { source },
    members = members,
    new = whole.target(ctx.conn, source, "partdemo_table_N", wanted.key),
    targets = wanted.targets,
  }
  ctx.online.run = { id = "N", names = run.own_names("N", false, ctx.online.new), details = {} }
  say_size(ctx, { source }, members)
  local list = sql.list(ctx, "begin", {})
  append(list, whole.plan_make(ctx, source, ctx.online.new, wanted))
  return definitions(ctx, "bare", list)
end

function plan.fit(ctx)
  local vars = variables(ctx)
  return sql.list(ctx, "whole_fits", vars)
end

function plan.capture(ctx)
  local vars, change = variables(ctx), ctx.online
  local first = change.whole and "whole_lock" or #change.sources > 1 and "capture_together"
  local list = first and sql.list(ctx, first, vars) or {}
  append(list, sql.list(ctx, "capture_check", vars))
  append(list, sql.list(ctx, "capture", vars))
  for _, source in ipairs(change.sources) do
    vars.source = source.source
    append(list, sql.list(ctx, "capture_on", vars))
  end
  for _, each in ipairs(change.members or change.sources) do
    vars.source = each.full_name or each.source
    append(list, sql.list(ctx, "capture_guard", vars))
  end
  return append(list, sql.list(ctx, "capture_end", vars))
end

-- Files of sql/online, as they would be run.
function plan.files(...)
  local names = { ... }
  return function(ctx)
    local list = {}
    for _, name in ipairs(names) do
      append(list, sql.list(ctx, name, variables(ctx)))
    end
    return list
  end
end

function plan.build(ctx)
  local change, list = ctx.online, {}
  definitions(ctx, "key", list)
  definitions(ctx, "index", list)
  definitions(ctx, "end", list)
  for _, statement in ipairs(change.whole and whole.owner_statements(change) or {}) do
    list[#list + 1] = { sql = statement }
  end
  for _, unit in ipairs(change.whole and { change.new } or change.targets) do
    list[#list + 1] = { sql = "ANALYZE " .. unit.full_name }
  end
  return list
end

function plan.drain(ctx)
  return {
    {
      sql = ("SELECT %s(2000)"):format(ctx.online.run.names.drain),
      comment = "Until little is left",
    },
  }
end

function plan.promise(ctx)
  if not ctx.online.default_promise then
    return {}
  end
  local list, vars = plan.files "default_promise"(ctx), variables(ctx)
  local statement = "ALTER TABLE %s VALIDATE CONSTRAINT %s"
  list[#list + 1] = { sql = statement:format(vars.default_partition, vars.promise) }
  return list
end

-- The statements of a string that is sent at once.
function plan.parted(statements)
  local list = {}
  for statement in (statements .. ";\n"):gmatch "(.-);\n" do
    list[#list + 1] = { sql = statement }
  end
  return list
end

function plan.swap(ctx)
  local statements, validate = swap.statements(ctx, ctx.online)
  ctx.online.validate = validate
  return plan.parted(statements)
end

function plan.settle(ctx)
  local list = {}
  for i, statement in ipairs(ctx.online.validate) do
    list[i] = { sql = statement }
  end
  return list
end

function plan.finish(ctx)
  local list = {}
  for _, source in ipairs(ctx.online.sources) do
    append(
      list,
      sql.list(
        ctx,
        "drop_old",
        { old = sql.name(ctx.conn, source.name, ctx.online.run.names.away) }
      )
    )
  end
  return append(list, sql.list(ctx, "end", variables(ctx)))
end

-- The partition to detach.
function plan.look(ctx)
  refuse_a_second(ctx, "detach")
  local source = online_table.source(ctx)
  ctx.online =
    { source = source, sources = { source }, run = { id = "N", names = run.own_names "N" } }
  if ctx.params.archive ~= "" then
    say_size(ctx, { source }, { { oid = source.parent_oid }, source })
  else
    local holders = sql.lock_holders(ctx, { source.parent_oid, source.oid })
    report.result(report.fold("  in use now by: " .. (holders or "nobody"), 4))
  end
  return {}
end

function plan.detach(ctx)
  local vars = variables(ctx)
  if not ctx.online.source.default_partition then
    return sql.list(ctx, "detach_concurrently", vars)
  end
  return sql.list(ctx, "detach_locked", vars)
end

-- The proof of an archive, and with --drop the end of the partition.
function plan.prove(ctx)
  local list, drops = plan.archive "archive_verify"(ctx), ctx.params.drop
  local source, mode = ctx.online.source, ctx.params.drop and "ACCESS EXCLUSIVE" or "SHARE"
  table.insert(list, 1, { sql = ("LOCK TABLE ONLY %s IN %s MODE"):format(source.source, mode) })
  local foreign = drops and catalog.query(ctx.conn, "online_outgoing", source.oid, nil) or {}
  for i, row in ipairs(foreign) do
    table.insert(list, i, { sql = row.statement })
  end
  list[#list + 1] = drops and { sql = "DROP TABLE " .. source.source } or nil
  return list
end

-- Files of the archive.
function plan.archive(...)
  local names = { ... }
  return function(ctx)
    local vars, list = variables(ctx), {}
    vars.archive, vars.router, vars.columns =
      ctx.params.archive, ctx.params.archive, vars.all_columns
    for _, name in ipairs(names) do
      append(list, sql.list(ctx, name, vars))
    end
    return list
  end
end

return plan
