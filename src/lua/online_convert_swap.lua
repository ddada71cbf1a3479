-- The moment in which a plain table becomes the partition of the one that takes its name. All of it is sent as one
-- string, so that its length does not depend on the network.
local altered = require "partdemo.online_altered"
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local swap = require "partdemo.online_swap"

local convert_swap = {}

-- psql variables of sql/online/convert_*.sql.
function convert_swap.variables(ctx, change, target)
  local vars = online_table.variables(ctx, change.source, change.run.names, target)
  vars.run = tostring(change.run.id)
  vars.parent = change.new.full_name
  vars.partition_by = change.by
  vars.final = change.source.source
  vars.hist = change.hist.full_name
  vars.probe = ("partdemo.probe_%s"):format(change.run.id)
  vars.expression = change.promise
  vars.bound = vars.bound or change.hist.bound
  return vars
end

-- What a further partition gets besides what comes from its parent, which are indexes, constraints and triggers.
function convert_swap.leaf_definition(ctx, change, target)
  local list = {}
  for _, phase in ipairs { "bare", "end", "attached" } do
    for _, row in ipairs(online_table.definition(ctx, change.source, target, phase)) do
      if phase ~= "attached" or row.statement:find "ROW LEVEL SECURITY$" then
        list[#list + 1] = row.statement
      end
    end
  end
  return list
end

-- The index of a statement like CREATE UNIQUE INDEX CONCURRENTLY partdemo_wider_1 is built beside the writers, unless
-- it is there.
function convert_swap.build_beside(ctx, source, statement)
  local name = sql.name(ctx.conn, statement:match "CONCURRENTLY (%S+)", source.schema)
  local there = catalog.first(ctx.conn, "online_index", name)
  if there and not there.valid then
    sql.exec(ctx, "DROP INDEX CONCURRENTLY " .. name)
  end
  if not there or not there.valid then
    report.status("building " .. statement:match " USING (.*)$")
    sql.exec(ctx, statement)
  end
end

-- Drops what was built so and not used yet.
function convert_swap.drop_beside(ctx, source)
  for _, row in ipairs(catalog.query(ctx.conn, "online_wider", source.oid)) do
    sql.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS " .. row.name)
  end
end

-- Notes what the tables are made of now, for the swap to insist on.
function convert_swap.mark(ctx, change)
  local mark = "UPDATE partdemo.runs SET mark = partdemo.mark(sources, parent) WHERE id = %d"
  sql.exec(ctx, mark:format(change.run.id))
end

local function hist_of(change, vars)
  return { name = change.hist.name, full_name = vars.hist, key = change.new.key }
end

-- The statements between the lock and the attaching: the old table steps aside, the new one takes its place.
local function renames(ctx, change, vars)
  local source, new, list = change.source, change.new, {}
  local function add(statement, ...)
    list[#list + 1] = statement:format(...)
  end
  local function phase(target, name, field)
    for _, row in ipairs(online_table.definition(ctx, source, target, name)) do
      list[#list + 1] = row[field] -- absent: nothing to do
    end
  end
  local hist = hist_of(change, vars)
  for _, row in ipairs(online_table.whole_definition(ctx, source, new, "sequence")) do
    list[#list + 1] = row.statement
  end
  add("ALTER TABLE %s RENAME TO %s", source.source, sql.name(ctx.conn, change.hist.name))
  for _, each in ipairs(change.not_null) do
    add("ALTER TABLE %s ALTER %s SET NOT NULL", vars.hist, each.column)
  end
  phase(hist, "away", "statement")
  phase(hist, "wider", "final")
  phase(new, "index", "final")
  phase(new, "end", "final")
  for _, statement in ipairs(online_table.not_null_names(ctx, new, source.name)) do
    list[#list + 1] = statement
  end
  add("ALTER TABLE %s RENAME TO %s", new.full_name, sql.name(ctx.conn, source.name))
  return list
end

-- What --undo has to give to the old table again: its unique indexes where they are made wider, the names of the
-- others, its triggers.
local function way_back(ctx, change, vars)
  local source, hist = change.source, hist_of(change, vars)
  local own = { name = source.name, full_name = source.source }
  local noted = { narrow = json.array {}, names = json.array {}, triggers = json.array {} }
  for i, row in ipairs(online_table.definition(ctx, source, hist, "narrow")) do
    noted.narrow[i] = { build = row.statement, take = row.final }
  end
  for _, row in ipairs(online_table.definition(ctx, source, hist, "away")) do
    noted.names[#noted.names + 1] = row.final -- triggers have none
  end
  for i, row in ipairs(online_table.definition(ctx, source, own, "attached")) do
    noted.triggers[i] = row.statement
  end
  return noted
end

-- The swap as one string for the server, and what the run has to know afterwards.
function convert_swap.statements(ctx, change)
  local source = change.source
  local vars = convert_swap.variables(ctx, change)
  altered.before_swap(ctx, change)
  sql.set_limits(ctx, vars)
  vars.altered = ("%s: its triggers, columns or constraints were altered since the run began"):format(
    source.source
  )
  vars.indexes = tostring(#online_table.definition(ctx, source, change.new, "index"))
  local list, validate = { sql.text(ctx, "convert_begin", vars) }, {}
  local function add(statement)
    list[#list + 1] = statement
  end
  for _, row in ipairs(catalog.query(ctx.conn, "online_convert_locks", source.oid)) do
    add(row.statement)
  end
  add(sql.text(ctx, "convert_sure", vars))
  local incoming = catalog.query(ctx.conn, "online_incoming", source.oid)
  for _, key in ipairs(incoming) do
    add(key.take)
    validate[#validate + 1] = key.validate
  end
  for _, statement in ipairs(renames(ctx, change, vars)) do
    add(statement)
  end
  local details = { validate = json.array(validate) }
  if ctx.params.keep_old then
    details.keeps, details.way_back = true, way_back(ctx, change, vars)
  end
  vars.details = json.encode(details)
  add(sql.text(ctx, "convert_in", vars))
  for _, key in ipairs(incoming) do
    add(key.give)
  end
  for _, row in ipairs(online_table.whole_definition(ctx, source, change.new, "view")) do
    add(row.statement)
  end
  add "COMMIT"
  return table.concat(list, ";\n"), details
end

-- Sends what make(ctx, change) says: the swap, and what the run has to know afterwards. Both are made anew for each
-- try, as others may hold it up for minutes. A try that spends most of --stall on locks backs out and comes again.
-- hint: what to do when somebody altered something. How many tables were attached without a scan, after how many
-- seconds and tries.
function convert_swap.send(ctx, change, make, hint)
  local details, seconds, implied
  local tries = sql.ladder(ctx, "the swap", { change.source.oid }, function()
    swap.proofs(ctx.conn) -- what earlier statements left
    local statement
    statement, details = make(ctx, change)
    local begun = sched.now()
    local ok, e = fail.call(sql.exec, ctx, statement)
    seconds = sched.now() - begun
    implied = swap.proofs(ctx.conn)
    if not ok then
      if type(e) == "table" and (e.sqlstate == "PD001" or e.sqlstate == "PD003") then
        fail.raise("check", e.message, { hint = hint })
      end
      error(e, 0)
    end
  end, true)
  change.run.phase = "swapped"
  for name, value in pairs(details) do
    change.run.details[name] = value
  end
  return implied, seconds, tries
end

function convert_swap.run(ctx, change)
  local hint = "Nothing was swapped: --abort removes every trace, then begin again."
  local implied, seconds, tries = convert_swap.send(ctx, change, convert_swap.statements, hint)
  swap.say(ctx, seconds, tries, { implied = implied, of = change.promise and "1 table" or nil })
end

return convert_swap
