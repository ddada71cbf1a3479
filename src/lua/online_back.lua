-- The way back from a swap: the old partitions are kept, the keys of what changes in the new ones are captured, and
-- --undo swaps once more, with the roles exchanged.
local copy = require "partdemo.online_copy"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local types = require "partdemo.online_types"
local whole = require "partdemo.online_whole"
local whole_back = require "partdemo.online_whole_back"

local back = {}

-- The new partitions as sources: rows of src/sql/online_source.sql, with the key that the log has.
local function new_sources(ctx, change)
  local sources = {}
  for i, target in ipairs(change.targets) do
    local full_name = sql.name(ctx.conn, target.final, change.source.schema)
    local source = not ctx.plan
        and online_names.partition(ctx.conn, change.source.parent, full_name)
      or { source = full_name } -- in a plan it is not there yet
    for name, value in pairs(change.source) do
      if name:find "^key" or source[name] == nil then
        source[name] = value
      end
    end
    sources[i] = source
  end
  return sources
end

-- The old partitions as targets, where they are kept.
local function old_targets(ctx, change)
  local targets = {}
  for i, source in ipairs(change.sources) do
    targets[i] = {
      name = source.name,
      final = source.name,
      kept = sql.name(ctx.conn, source.name, change.run.names.old),
      full_name = source.source,
      bound = source.bound,
      promise = source.constraint,
      triggers = source.triggers,
    }
  end
  return targets
end

-- What a run has to know to go back, as change for the same steps.
local function reversed(ctx, change)
  local sources = new_sources(ctx, change)
  return {
    run = change.run,
    source = sources[1],
    sources = sources,
    targets = old_targets(ctx, change),
    lines = change.lines,
    default_promise = change.default_promise,
  }
end

-- Brings what is kept up to date; how many changes that were.
local function catch_up(ctx)
  local this = ctx.online.run
  local names = this.names
  this.names = run.own_names(this.id, true)
  local there = { source = this.details.back.sources[1], members = this.details.back.members }
  local lines = copy.drain(ctx, setmetatable(there, { __index = ctx.online }))
  this.names = names
  report.say(
    ("      %s applied to what is kept; --undo swaps back, the same command without --keep-old ends the run"):format(
      text.count(lines, "change")
    )
  )
end

-- Step of --keep-old: the old partitions stay, and can be brought up to date.
function back.keep(ctx)
  local change = ctx.online
  if not change.run.details.keeps then
    fail.raise(
      "usage",
      "the partitions were swapped without --keep-old: the old ones are not up to date",
      {
        hint = "The same command without --keep-old ends the run.",
      }
    )
  elseif run.has(change.run, "kept") and not run.captures(ctx.conn, change.run) then
    fail.raise("check", "the capture of changes was altered since the swap", {
      hint = "What was kept may not be up to date: the same command without --keep-old ends the run.",
    })
  elseif run.has(change.run, "kept") then
    return catch_up(ctx)
  end
  local there = (change.whole and whole_back.reversed or reversed)(ctx, change)
  local router = there.new and there.new.kept or change.run.names.router
  local vars = copy.variables(there)
  sql.briefly(ctx, "what is kept", { change.source.oid }, function()
    if change.whole then
      whole_back.keep(ctx, there, vars)
    end
    for i, target in ipairs(there.targets) do
      vars.kept, vars.bound, vars.constraint =
        target.kept, target.bound, change.sources[i].constraint
      sql.run(ctx, "keep", vars)
    end
    vars.drain = change.run.names.drain_back
    vars.drain_body = copy.bodies(ctx, there, router).drain
    sql.run(ctx, "keep_drain", vars)
    run.note(ctx, change.run, {
      back = {
        sources = there.sources,
        members = there.members,
        new = there.new,
        targets = there.targets,
        lines = there.lines,
        lines_after = there.lines_after,
      },
    })
    run.advance(ctx, change.run, "kept")
  end)
  catch_up(ctx)
end

-- The run that can go back. Raises when there is none.
function back.find_kept(ctx, operation)
  local this = run.take_up(ctx, operation)
  run.refuse_aborted(this)
  if not this or not (run.has(this, "kept") or this.details.turned) then
    local where = this and (": the run is at the phase '%s'"):format(this.phase) or ""
    fail.raise("check", "nothing is kept to go back to" .. where, {
      hint = this
          and this.details.keeps
          and "The same command with --keep-old goes on with it; then --undo."
        or this and "--abort removes every trace of a run that has not swapped."
        or "A change can be undone when it was made with --keep-old, until the run is ended.",
    })
  end
  return this
end

-- What the run knows afterwards, and the variables of turn.sql.
local function turned(this)
  local there = this.details.back
  local more = {
    sources = there.sources,
    members = there.members,
    new = there.new,
    targets = there.targets,
    lines = there.lines,
    lines_after = there.lines_after,
    turned = true,
    keeps = false,
  }
  local vars = { run = tostring(this.id), details = json.encode(more) }
  this.names = run.own_names(this.id, true, there.new)
  for name, value in pairs(this.names) do
    vars[name] = value
  end
  return more, vars
end

local function turn_round(ctx, this)
  local there = this.details.back
  for _, source in ipairs(there.sources) do
    local lines = online_table.lines(ctx, source.oid)
    local differ = this.details.whole and whole.difference(this.details, there.lines, lines)
      or online_table.difference(there.lines, lines)
    if #differ > 0 then
      fail.raise("check", ("%s is not defined any more as what is kept"):format(source.source), {
        detail = table.concat(differ, "\n"),
        hint = "Take back what was altered since the swap, or end the run without --undo.",
      })
    end
  end
  types.refuse_sequences(ctx, there.sources[1])
  local more, vars = turned(this)
  local ok, e = fail.call(sql.transaction, ctx, run.lock_wait, function()
    sql.look(ctx, "turn_sure", vars)
    sql.run(ctx, "turn", vars)
  end)
  if not ok and type(e) == "table" and e.sqlstate == "PD001" then
    fail.raise("check", e.message, {
      hint = "What was kept may not be up to date: the same command without --undo ends the run.",
    })
  elseif not ok then
    error(e, 0)
  end
  this.phase = "built"
  for name, value in pairs(more) do
    this.details[name] = value
  end
end

-- Step of --undo: from now on the steps of a change work the other way round.
function back.turn(ctx, operation)
  run.prepare_session(ctx)
  local this = back.find_kept(ctx, operation)
  types.set_zone(ctx.conn, this.details.zone)
  if not this.details.turned then
    turn_round(ctx, this)
  end
  ctx.online = run.change(this)
  if ctx.plan then
    types.foresee_unfit(ctx, ctx.online, copy.variables(ctx.online))
  end
end

-- Whether the partitions that were replaced are partitions again; why not.
function back.is_undone(conn, params)
  for _, name in
    ipairs(params.partitions and online_names.list(params.partitions) or { params.partition })
  do
    if not online_names.partition(conn, params.table, name) then
      return false, ("%s has no partition %s"):format(params.table, name)
    end
  end
  return true
end

return back
