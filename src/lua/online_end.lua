-- How an online change ends: by being settled and cleared up, or by --abort.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sql = require "partdemo.online_sql"
local whole = require "partdemo.online_whole"

local online_end = {}

-- Raises when the table of that name has not the definition that the change is to keep.
local function compare(ctx, change, full_name)
  if ctx.plan then -- it is not there yet
    return
  end
  local lines = online_table.lines(ctx, catalog.relation(ctx.conn, full_name).oid)
  local found = change.whole and whole.difference(change, change.lines_after or change.lines, lines)
    or online_table.difference(change.lines, lines)
  if #found > 0 then
    fail.raise("check", ("%s is not defined as %s was"):format(full_name, change.source.source), {
      detail = table.concat(found, "\n"),
      hint = (
        "What it replaced is kept in the schema %s. Make up for the difference, and run the same "
        .. "command again."
      ):format(change.run.names.away),
    })
  end
end

-- Step: validate foreign keys that were put back NOT VALID, and compare the definitions.
function online_end.settle(ctx)
  if run.is_past(ctx, "validated") then
    return
  end
  local change = ctx.online
  local function validate(statement)
    sql.briefly(ctx, "the foreign key", { change.source.parent_oid }, function()
      sql.exec(ctx, statement)
    end)
  end
  for _, statement in ipairs(change.run.details.validate or {}) do
    validate(statement)
  end
  if change.whole then
    whole.adopt(ctx, change, validate)
    compare(ctx, change, change.source.source)
    report.say "      the table has everything that the old one had"
  else
    for _, target in ipairs(change.targets) do
      local full_name = sql.name(ctx.conn, target.final, change.source.schema)
      compare(ctx, change, full_name)
    end
    report.say "      the new partitions are defined as the old one was"
  end
  run.advance(ctx, change.run, "validated")
end

-- Removes what the run made for itself; the old partitions, too, when they are swapped.
local function remove(ctx, this)
  local vars = { run = tostring(this.id) }
  for name, value in pairs(this.names) do
    vars[name] = value
  end
  sql.briefly(ctx, "the end of the run", { this.details.sources[1].oid }, function()
    for _, source in ipairs(run.has(this, "swapped") and this.details.sources or {}) do
      sql.run(ctx, "drop_old", { old = sql.name(ctx.conn, source.name, vars.away) })
    end
    sql.run(ctx, "end", vars)
    run.forget_schema(ctx, this)
  end)
end

-- Ends the capture of the partitions with these names; each by itself, for milliseconds.
local function end_capture(ctx, this, tables)
  for _, name in ipairs(tables) do
    sql.briefly(ctx, "the end of the capture", {}, function()
      for _, trigger in ipairs { this.names.capture_name, this.names.guard_name } do
        sql.exec(ctx, ("DROP TRIGGER IF EXISTS %s ON %s"):format(trigger, name))
      end
    end)
  end
end

-- Step: drop the old partitions and everything that the run made for itself.
function online_end.finish(ctx)
  local this, names = ctx.online.run, {}
  if this.details.keeps then
    names = ctx.online.whole and whole.final_names(ctx, ctx.online) or {}
    for i, target in ipairs(ctx.online.whole and {} or ctx.online.targets) do
      names[i] = sql.name(ctx.conn, target.final, ctx.online.source.schema)
    end
  end
  end_capture(ctx, this, names)
  remove(ctx, this)
  report.say "      nothing of the run is left"
end

-- What an abort has to take off partitions that others use.
local function take_off(ctx, this)
  local change, names = run.change(this), this.names
  local sources = {}
  for i, each in ipairs(change.members or change.sources) do
    sources[i] = each.full_name or each.source
  end
  end_capture(ctx, this, sources)
  if change.default_promise then
    local default = change.source.default_partition
    sql.briefly(ctx, "the end of a promise", { change.source.parent_oid }, function()
      local drop = "ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %s"
      sql.exec(ctx, drop:format(default, names.promise))
    end)
  end
end

-- Removes every trace of a run that is not swapped. The new partitions go with the private table, of which they are
-- partitions until then.
function online_end.take_back(ctx, this)
  run.abort(ctx, this)
  take_off(ctx, this)
  remove(ctx, this)
  report.say "      every trace is removed"
end

-- What --abort does: remove every trace, as long as nothing was swapped.
function online_end.abort(ctx, operation)
  run.prepare_session(ctx)
  local this = run.take_up(ctx, operation)
  if not this then
    return report.say "      there is no run"
  elseif run.has(this, "swapped") then
    fail.raise("check", "the new partitions are in place already", {
      hint = run.has(this, "kept")
          and "--undo swaps back; the same command without --abort and --keep-old ends the run."
        or "The same command without --abort ends the run.",
    })
  end
  online_end.take_back(ctx, this)
end

return online_end
