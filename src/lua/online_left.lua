-- Runs of online changes that were left behind, for scenarios that clear up.
local back = require "partdemo.online_back"
local convert = require "partdemo.online_convert"
local detach = require "partdemo.online_detach"
local json = require "partdemo.json"
local online = require "partdemo.online"
local online_end = require "partdemo.online_end"
local report = require "partdemo.report"
local run = require "partdemo.online_run"

local left = {}

-- What the steps of an online scenario know by its parameters.
local function params_of(this)
  return {
    table = this.parent,
    partition = this.operation == "split" and this.name or nil,
    partitions = this.operation == "merge" and this.name or nil,
    stall = "50ms",
    patience = "10m",
  }
end

-- What was replaced is kept, so it takes its place again.
local function go_back(ctx, this)
  back.turn(ctx, this.operation)
  for _, step in ipairs { "drain", "promise", "verify", "swap", "settle", "finish" } do
    online[step](ctx)
  end
end

-- Swapped: the rest is done. Else everything is as before.
local function end_change(ctx, this)
  if not this.details.aborted and (this.details.turned or run.has(this, "kept")) then
    return go_back(ctx, this)
  elseif not run.has(this, "swapped") then
    return online_end.take_back(ctx, this)
  end
  ctx.online = run.change(this)
  if this.is_there then
    online_end.settle(ctx)
  end
  online_end.finish(ctx)
end

local enders = {
  split = end_change,
  merge = end_change,
  migrate = end_change,
  detach = detach.take_back,
  convert = convert.end_left,
}

-- A step that ends every run on the tables with these names and those below them.
function left.end_all(tables)
  return function(ctx)
    run.prepare_session(ctx)
    for _, this in ipairs((run.all(ctx.conn, tables))) do
      local own = setmetatable({ params = params_of(this) }, { __index = ctx, __newindex = ctx })
      local what = "      %s of %s in %s, begun at %s, at the phase '%s'"
      report.say(
        report.fold(what:format(this.operation, this.name, this.parent, this.begun, this.phase), 8)
      )
      local leave = run.enter(own, this)
      enders[this.operation](own, this)
      leave()
    end
  end
end

-- Names the runs on other tables, once in a run of the program, with the commands that end them.
function left.name_others(ctx, others)
  if #others == 0 or ctx.memory.others_named then
    return
  end
  ctx.memory.others_named = true
  for _, this in ipairs(others) do
    local what = "an online change of %s was left at the phase '%s'; this goes on with it, and removes every "
      .. "trace with --abort:"
    report.note(report.fold(what:format(this.parent, this.phase), 2))
    report.note("  " .. run.command(this))
  end
end

-- How to end the first run that there is, as a hint; nil when there is none.
function left.hint(conn)
  local _, others = run.all(conn, json.array {})
  local this = others[1]
  if not this then
    return nil
  end
  local is_kept = this.details.turned or this.phase == "kept"
  local word = this.details.aborted and " --abort" or is_kept and " --undo" or ""
  return ("An online change of %s is at the phase '%s': '%s%s' comes first."):format(
    this.parent,
    this.phase,
    run.command(this),
    word
  )
end

return left
