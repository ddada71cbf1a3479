-- Runs of online changes that were left behind, for scenarios that clear up.
local convert = require "partdemo.online_convert"
local detach = require "partdemo.online_detach"
local online_end = require "partdemo.online_end"
local report = require "partdemo.report"
local run = require "partdemo.online_run"

local left = {}

-- What the steps of an online scenario know by its parameters.
local params = { stall = "50ms", patience = "10m" }

-- Swapped: the rest is done. Else everything is as before.
local function end_change(ctx, this)
  if not run.has(this, "swapped") then
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
    local own = setmetatable({ params = params }, { __index = ctx, __newindex = ctx })
    run.prepare_session(ctx)
    for _, this in ipairs((run.all(ctx.conn, tables))) do
      local what = "      %s of %s in %s, begun at %s, at the phase '%s'"
      report.say(
        report.fold(what:format(this.operation, this.name, this.parent, this.begun, this.phase), 8)
      )
      enders[this.operation](own, this)
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

return left
