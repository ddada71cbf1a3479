-- What a conversion would do, for --dry-run: the statements in order, with nothing changed.
local convert_swap = require "partdemo.online_convert_swap"
local look = require "partdemo.online_convert_look"
local online_table = require "partdemo.online_table"
local plan = require "partdemo.online_plan"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sql = require "partdemo.online_sql"

local convert_plan = {}

local PROMISED = "..." -- the bound in PostgreSQL's words, known when the new table is there

local function append(list, more)
  return table.move(more, 1, #more, #list + 1, list)
end

local function statements(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = { sql = row.statement or row }
  end
  return list
end

-- The new table and its partitions. Raises what cannot be carried over; says who would be in the way now.
function convert_plan.begin(ctx)
  plan.refuse_a_second(ctx, "convert")
  local change = look.at(ctx)
  look.introduce(ctx, change)
  look.refuse_outside(ctx, change, "Nothing was changed. Move them, or give another bound.")
  change.run = { id = "N", names = run.own_names "N" }
  change.promise = (change.hist.bound ~= "DEFAULT" or #change.targets > 0) and PROMISED or nil
  ctx.online = change
  plan.say_dependencies(ctx, change.source)
  local holders = sql.lock_holders(ctx, { change.source.oid })
  report.result(report.fold("  in use now by: " .. (holders or "nobody"), 4))
  local list = sql.list(ctx, "convert_parent", convert_swap.variables(ctx, change))
  for _, phase in ipairs { "bare", "index", "end", "attached" } do
    append(list, statements(online_table.definition(ctx, change.source, change.new, phase)))
  end
  for _, target in ipairs(change.targets) do
    append(list, sql.list(ctx, "convert_leaf", convert_swap.variables(ctx, change, target)))
    append(list, statements(convert_swap.leaf_definition(ctx, change, target)))
  end
  return list
end

function convert_plan.build(ctx)
  local change = ctx.online
  local list = statements(online_table.whole_definition(ctx, change.source, change.new, "foreign"))
  return append(list, statements(online_table.definition(ctx, change.source, change.new, "wider")))
end

function convert_plan.promise(ctx)
  local change = ctx.online
  if not change.promise then
    return {}
  end
  local vars = convert_swap.variables(ctx, change)
  local list = sql.list(ctx, "convert_promise", vars)
  list[#list + 1] = {
    sql = ("ALTER TABLE %s VALIDATE CONSTRAINT partdemo_bound"):format(vars.source),
  }
  return list
end

function convert_plan.swap(ctx)
  local whole, validate = convert_swap.statements(ctx, ctx.online)
  ctx.online.validate = validate
  return plan.parted(whole)
end

function convert_plan.settle(ctx)
  local list = statements(ctx.online.validate)
  list[#list + 1] = { sql = "ANALYZE " .. ctx.online.source.source }
  return list
end

return convert_plan
