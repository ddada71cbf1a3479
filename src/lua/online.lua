-- Online changes of partitions, for the scenarios in scenarios/online: each function is a step that goes on from
-- where the run stands, whoever began it.
local altered = require "partdemo.online_altered"
local catalog = require "partdemo.catalog"
local copy = require "partdemo.online_copy"
local json = require "partdemo.json"
local online_end = require "partdemo.online_end"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local merge = require "partdemo.online_merge"
local split = require "partdemo.online_split"
local sql = require "partdemo.online_sql"
local swap = require "partdemo.online_swap"
local text = require "partdemo.text"
local whole = require "partdemo.online_whole"
local words = require "partdemo.online_words"

local online = {}

local function arguments(params)
  local list = {}
  for _, name in ipairs { "at", "values", "names", "name" } do
    if params[name] and params[name] ~= "" then
      list[#list + 1] = ("--%s %s"):format(name, words.shell(params[name]))
    end
  end
  return table.concat(list, " ")
end

-- Finds the run that was begun before with the same arguments. False when there is none.
local function resume(ctx, operation)
  run.prepare_session(ctx)
  local this = run.resume(ctx, operation, arguments(ctx.params))
  if this then
    ctx.online = run.change(this)
  end
  return this ~= nil
end

-- Notes the run and makes the new partitions, in one transaction.
local function begin(ctx, operation, name, sources, targets)
  local source, siblings = sources[1], {}
  for _, each in ipairs(sources) do
    report.say(
      report.fold(
        ("      %s, %s: about %s, %s"):format(
          each.source,
          each.bound,
          text.count(each.rows, "row"),
          text.bytes(each.bytes)
        ),
        8
      )
    )
  end
  if source.bound == "DEFAULT" then
    for i, row in ipairs(catalog.query(ctx.conn, "online_siblings", source.parent_oid, source.oid)) do
      siblings[i] = row.bound
    end
  end
  for _, each in ipairs(sources) do
    each.triggers = online_table.triggers(ctx, each.oid)
  end
  sql.briefly(ctx, "the new partitions", { source.oid }, function()
    local this = run.begin(ctx, {
      operation = operation,
      arguments = arguments(ctx.params),
      sources = sources,
      name = name,
      phase = "begun",
      details = {},
    })
    online_table.make(ctx, source, this.names, targets, siblings)
    run.note(ctx, this, {
      sources = sources,
      targets = targets,
      lines = json.array(online_table.lines(ctx, source.oid)),
      default_promise = source.default_partition ~= nil and source.bound ~= "DEFAULT",
    })
    ctx.online = run.change(this)
  end)
end

-- Step: look at the partition and what hangs on it, make the new partitions aside; or find the run again.
function online.begin_split(ctx)
  if resume(ctx, "split") then
    return
  end
  local source = online_table.source(ctx)
  online_table.refuse(ctx, source)
  begin(ctx, "split", nil, { source }, split.targets(ctx.conn, source, ctx.params))
end

-- Step: the same for the partitions that become one.
function online.begin_merge(ctx)
  if resume(ctx, "merge") then
    return
  end
  local sources = merge.sources(ctx)
  begin(
    ctx,
    "merge",
    ctx.params.partitions,
    sources,
    { merge.target(ctx.conn, sources, ctx.params) }
  )
end

-- Step: from now on every change of the partition leaves its key in a log.
function online.capture(ctx)
  if not run.is_past(ctx, "captured") then
    copy.capture(ctx, ctx.online)
  end
end

-- Step: copy the rows in batches.
function online.copy(ctx)
  if not run.is_past(ctx, "copied") then
    copy.rows(ctx, ctx.online)
    run.advance(ctx, ctx.online.run, "copied")
  end
end

-- What is left to give to the new partitions, or to the new table, besides the index of the key: one function for each
-- transaction, always in the same order.
local function building(ctx, change, units)
  local list = {}
  for _, unit in ipairs(units) do
    for _, row in ipairs(online_table.definition(ctx, change.source, unit, "index")) do
      list[#list + 1] = function()
        sql.exec(ctx, row.statement)
      end
    end
  end
  for _, unit in ipairs(units) do
    list[#list + 1] = function()
      online_table.define(ctx, change.source, unit, "end")
      if change.whole then
        online_table.identify(ctx, change.source, unit)
        whole.give_owner(ctx, change)
      end
      sql.exec(ctx, "ANALYZE " .. unit.full_name)
    end
  end
  return list
end

-- Step: the new partitions get what the old one has besides rows: indexes, owner, privileges, policies. The batches
-- were copied at different times, and a value of another unique index can have gone from a row that was copied to
-- one that was not yet: such indexes are built once the log was applied.
function online.build(ctx)
  if run.is_past(ctx, "built") then
    return
  end
  local change = ctx.online
  local details, units = change.run.details, change.whole and { change.new } or change.targets
  for i = (details.keyed or 0) + 1, #units do
    sql.transaction(ctx, nil, function()
      online_table.define(ctx, change.source, units[i], "key")
      run.note(ctx, change.run, { keyed = i })
    end)
  end
  copy.drain(ctx, change)
  local list = building(ctx, change, units)
  for i = (details.built or 0) + 1, #list do
    report.status(("building %d of %d"):format(i, #list))
    sql.transaction(ctx, nil, function()
      list[i]()
      run.note(ctx, change.run, { built = i })
    end)
  end
  run.advance(ctx, change.run, "built")
  report.say(
    ("      %s, then statistics"):format(
      text.count(#list - #units + (details.keyed or 0), "index", "indexes")
    )
  )
end

-- Step: apply what was logged meanwhile.
function online.drain(ctx)
  if not run.is_past(ctx, "swapped") then
    local lines = copy.drain(ctx, ctx.online)
    report.say(("      %s applied"):format(text.count(lines, "change")))
  end
end

-- Step: the default partition promises, by a validated CHECK, that it holds none of the rows.
function online.promise(ctx)
  local change = ctx.online
  if run.is_past(ctx, "promised") then
    return
  elseif change.default_promise then
    local parts = {}
    for i, target in ipairs(change.targets) do
      parts[i] = ("NOT (%s)"):format(target.promise)
    end
    local vars = copy.variables(change)
    vars.expression = table.concat(parts, " AND ")
    local default = catalog.relation(ctx.conn, change.source.default_partition)
    sql.briefly(ctx, "the promise of the default partition", { default.oid }, function()
      sql.exec(
        ctx,
        ("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s"):format(vars.default_partition, vars.promise)
      )
      sql.run(ctx, "default_promise", vars)
    end)
    sql.exec(
      ctx,
      ("ALTER TABLE %s VALIDATE CONSTRAINT %s"):format(vars.default_partition, vars.promise)
    )
    report.say(("      %s holds none of the rows"):format(change.source.default_partition))
  else
    report.say "      there is no default partition beside it"
  end
  run.advance(ctx, change.run, "promised")
end

-- Step: count and content of the partition and its copies, in one snapshot; their definitions, too.
function online.verify(ctx)
  if not run.is_past(ctx, "swapped") then
    altered.refuse(ctx, ctx.online)
    copy.verify(ctx, ctx.online)
  end
end

-- Step: the new partitions take the place of the old one.
function online.swap(ctx)
  if not run.is_past(ctx, "swapped") then
    swap.run(ctx, ctx.online)
  end
end

-- Step: validate foreign keys that were put back NOT VALID, and compare the definitions.
function online.settle(ctx)
  online_end.settle(ctx)
end

-- Step: drop the old partitions and everything that the run made for itself.
function online.finish(ctx)
  online_end.finish(ctx)
end

-- Steps of --abort: remove every trace, as long as nothing was swapped.
function online.abort_split(ctx)
  online_end.abort(ctx, "split")
end

function online.abort_merge(ctx)
  online_end.abort(ctx, "merge")
end

-- For the check of online/merge.
function online.is_merged(conn, params)
  return merge.is_done(conn, params)
end

-- For the check of online/split.
function online.is_split(conn, params)
  return split.is_done(conn, params)
end

return online
