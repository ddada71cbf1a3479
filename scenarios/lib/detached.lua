-- scenarios/lib/detached.lua: partitions of the setup that are tables of their own, as online/detach leaves them, and
-- how they become partitions again.
local catalog = require "partdemo.catalog"
local check = require "partdemo.check"
local engine = require "partdemo.engine"
local events = require "lib.events"
local fail = require "partdemo.fail"
local pieces = require "lib.pieces"
local report = require "partdemo.report"
local steps = require "partdemo.steps"

-- Each as { name, of, bound } and, if the table has a default partition, which may have got rows meanwhile, `default`
-- and the condition of its own rows. Default partitions come first: the others need them.
local partitions = {}

local function add(of, name, bound, default, rows)
  partitions[#partitions + 1] =
    { name = name, of = of, bound = bound, default = default, rows = rows }
end

add("event_logs", "event_logs_default", "DEFAULT")
for _, month in ipairs(events.months) do
  if not month.is_dropped then
    add(
      "event_logs",
      month.name,
      ("FOR VALUES FROM ('%s') TO ('%s')"):format(month.from, month.to),
      "event_logs_default",
      ("created_at >= '%s' AND created_at < '%s'"):format(month.from, month.to)
    )
  end
end
add("sales_data", "sales_2024_q1", "FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')")
add("sales_data", "sales_2024_q2", "FOR VALUES FROM ('2024-04-01') TO ('2024-07-01')")
for _, wanted in ipairs(pieces.tables) do
  if wanted.default then
    add(wanted.name, wanted.default, "DEFAULT")
  end
  for _, want in ipairs(wanted) do
    if want.modulus then
      local bound = "FOR VALUES WITH (MODULUS %d, REMAINDER %d)"
      add(wanted.name, want.name, bound:format(want.modulus, want.remainder))
    else
      local values = ("('%s')"):format(table.concat(want.values, "', '"))
      local rows = ("%s IN %s"):format(wanted.key, values)
      add(wanted.name, want.name, "FOR VALUES IN " .. values, wanted.default, rows)
    end
  end
end

local function is_detached(conn, each)
  local found = catalog.relation(conn, each.name)
  return found and not found.parent and (found.kind == "r" or found.kind == "p")
end

local detached = {}

local function names(conn)
  local found = {}
  for _, each in ipairs(partitions) do
    found[#found + 1] = is_detached(conn, each) and each.name or nil
  end
  return found
end

-- No partition of the setup is a table of its own.
detached.none = check.custom {
  say = "no partition of the setup is a table of its own",
  run = function(conn)
    local found = names(conn)
    return #found == 0, #found > 0 and table.concat(found, ", ") or nil
  end,
}

-- For the setup, which leaves them alone: names them, once.
detached.named = check.custom {
  say = "partitions of the setup that are tables of their own are named",
  run = function(conn, _, ctx)
    local is_own = ctx.scenario.name == "setup" and not ctx.memory.detached_named
    for _, name in ipairs(is_own and names(conn) or {}) do
      report.note(
        ("%s is a table of its own: 'partdemo run cleanup' attaches it again"):format(name)
      )
      ctx.memory.detached_named = true
    end
    return true
  end,
}

local own =
  "%s has to have the columns of %s, and rows of its bound alone. If it is not the demo's, it needs another name."

-- What attaches one of them, as a step, and a line about it.
local function attaching(conn, each)
  local file = each.default and "partition" or "alone"
  return {
    sql = ("repartition/14_attach_%s.sql"):format(file),
    values = {
      table = each.of,
      partition = each.name,
      bound = each.bound,
      default = each.default,
      columns = catalog.first(conn, "columns", each.of).list,
      rows = each.rows,
    },
  },
    ("      %s of %s"):format(each.name, each.of)
end

-- The same for --dry-run: the statements.
function detached.plan(ctx)
  local list, notes = {}, {}
  for _, each in ipairs(partitions) do
    if is_detached(ctx.conn, each) then
      local step, line = attaching(ctx.conn, each)
      local parsed = steps.statements(ctx, step)
      notes[#notes + 1] = line
      list[#list + 1] = { sql = "BEGIN", frame = true }
      for i = 1, #parsed do
        list[#list + 1] = parsed:statement(i)
      end
      list[#list + 1] = { sql = "COMMIT", frame = true }
    end
  end
  return list, notes
end

-- A step: attaches them again.
function detached.attach(ctx)
  for _, each in ipairs(partitions) do
    if is_detached(ctx.conn, each) then
      local step, line = attaching(ctx.conn, each)
      report.say(line)
      local ok, e = fail.call(steps.perform, ctx, step)
      if not ok and type(e) == "table" and e.kind == "sql" then
        e.hint = e.hint or own:format(each.name, each.of)
      end
      if not ok then
        error(e, 0)
      end
    end
  end
end

-- The tables are partitioned as the setup does it. Unlike what follows `needs`, it holds when partitions are missing.
detached.tables = check.custom {
  say = "the tables are partitioned as the setup does it",
  run = function(_, _, ctx)
    local missing = {}
    for name, strategy in pairs {
      event_logs = "range",
      users_distributed = "hash",
      orders_by_region = "list",
      sales_data = "range",
    } do
      local is_so = check.partitioned { name, by = strategy }
      local ok, why = is_so:run(ctx)
      missing[#missing + 1] = not ok and ("not so: %s: %s"):format(is_so:describe(ctx.params), why)
        or nil
    end
    if #missing > 0 then
      table.sort(missing)
      engine.lacks(ctx, "setup", table.concat(missing, "\n"))
    end
    return true
  end,
}

-- The default partition of event_logs is there, attached or not.
detached.others = check.custom {
  say = "event_logs_default is the default partition of event_logs, or was",
  run = function(conn)
    local found = catalog.relation(conn, "event_logs_default")
    if not found then
      return false,
        "there is no such table; CREATE TABLE event_logs_default PARTITION OF event_logs DEFAULT makes one"
    elseif found.parent and found.bound ~= "DEFAULT" then
      return false, ("it is a partition of %s %s"):format(found.parent, found.bound)
    end
    return true
  end,
}

return detached
