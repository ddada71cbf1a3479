-- A whole table, plain or partitioned, that a new partitioned one replaces: what the steps of online changes do
-- otherwise than for partitions of one table. The new one waits beside the old one, under a name of the run's.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local types = require "partdemo.online_types"

local whole = {}

-- The table with this OID and its partitions: rows of src/sql/online_members.sql.
function whole.members(conn, oid)
  local list = json.array {}
  for i, row in ipairs(catalog.query(conn, "online_members", oid)) do
    list[i] = row
  end
  return list
end

-- Of a partition that is partitioned itself: its partitions are no objects of its own.
local function is_part(member, own)
  return not member.leaf and (own == "partitions of its own" or own:find "^table " ~= nil)
end

-- Raises what a partition has of its own: it would be lost, as the new table's partitions are other ones. but_runs:
-- without the triggers of a run.
function whole.refuse_own(ctx, members, but_runs)
  local lines = {}
  for i = 2, #members do
    local name = members[i].full_name
    for _, row in ipairs(catalog.query(ctx.conn, "own_objects", name, nil, but_runs == true)) do
      if not is_part(members[i], row.own) then
        lines[#lines + 1] = ("%s has %s"):format(members[i].full_name, row.own)
      end
    end
  end
  if #lines > 0 then
    fail.raise("check", "partitions have something of their own, which would be lost with them", {
      detail = table.concat(lines, "\n"),
      hint = "Nothing was changed. Give it to the table as a whole, or remove it, and run the same command again.",
    })
  end
end

-- Raises when two partitions in different schemas have one name: they would meet where the swap puts them.
function whole.refuse_same_names(members)
  local seen = {}
  for _, member in ipairs(members) do
    local other = seen[member.name]
    if other then
      fail.raise("check", ("%s and %s have one name"):format(other, member.full_name), {
        hint = "Nothing was changed. ALTER TABLE ... RENAME gives one of them another.",
      })
    end
    seen[member.name] = member.full_name
  end
end

-- The new table as a target of online_table.definition().
function whole.target(conn, source, name, key)
  return { name = name, full_name = sql.name(conn, name, source.schema), key = key }
end

local function make_leaf(ctx, source, names, target)
  sql.run(ctx, "aside", online_table.variables(ctx, source, names, target))
  online_table.define(ctx, source, target, "bare")
  report.say(report.fold(("      %s  %s"):format(target.full_name, target.bound), 8))
end

-- The partitions of both levels, as { target, router }: the one above each.
local function each_target(shape, router, f)
  for _, target in ipairs(shape.targets) do
    f(target, router)
    for _, sub in ipairs(target.sub or {}) do
      f(sub, target.full_name)
    end
  end
end
whole.each_target = each_target

-- What the new table and its partitions are made like: the old table, or, when columns change their types, an empty one
-- and the variables of the file that makes it.
local function pattern_of(source, pattern)
  if not source.types then
    return source
  end
  local like = { like = pattern }
  local vars = { pattern = pattern, source = source.source, actions = types.actions(source.types) }
  return setmetatable(like, { __index = source }), vars
end

-- Makes the new table and its partitions, within a transaction. pattern: a name for the time until then.
function whole.make(ctx, source, new, shape, pattern)
  local like, pattern_vars = pattern_of(source, pattern)
  if pattern_vars then
    sql.run(ctx, "types_pattern", pattern_vars)
  end
  sql.run(
    ctx,
    "whole_router",
    { router = new.full_name, source = like.like or like.source, by = shape.by }
  )
  online_table.define(ctx, source, new, "bare")
  each_target(shape, new.full_name, function(target, router)
    if target.sub then
      local vars =
        { target = target.full_name, router = router, bound = target.bound, by = shape.sub_by }
      sql.run(ctx, "whole_middle", vars)
      local middle = { name = target.name, full_name = target.full_name, key = json.array {} }
      online_table.define(ctx, source, middle, "bare")
    else
      make_leaf(ctx, like, { router = router }, target)
    end
  end)
  if pattern_vars then
    sql.remark(ctx, "Everything is made like it now")
    sql.exec(ctx, "DROP TABLE " .. pattern)
  end
end

-- Gives the new table's partitions to its owner.
function whole.give_owner(ctx, change)
  each_target({ targets = change.targets }, nil, function(target)
    sql.exec(ctx, ("ALTER TABLE %s OWNER TO %s"):format(target.full_name, change.source.owner))
  end)
end

-- The new table and its partitions, by the names that they have after the swap.
function whole.final_names(ctx, change)
  local names = { change.source.source }
  each_target({ targets = change.targets }, nil, function(target)
    names[#names + 1] = sql.name(ctx.conn, target.final, change.source.schema)
  end)
  return names
end

-- Its partitions at the lowest level, by these names.
local function leaves(ctx, change)
  if change.new.leaves then
    return change.new.leaves
  end
  local names = json.array {}
  each_target({ targets = change.targets }, nil, function(target)
    if not target.sub then
      names[#names + 1] = sql.name(ctx.conn, target.final, change.source.schema)
    end
  end)
  return names
end

-- Foreign keys to other tables: adds statements to the swap; those that validate them, and those of whole.adopt().
function whole.outgoing(ctx, change, add)
  local validate, adopt = {}, json.array {}
  local names = leaves(ctx, change)
  local oid, full_name = change.source.oid, change.source.source
  for _, row in
    ipairs(catalog.query(ctx.conn, "online_foreign", oid, full_name, json.encode(names)))
  do
    for _, statement in ipairs(json.decode(row.add)) do
      add(statement)
    end
    local statements = json.decode(row.validate)
    table.move(statements, 1, #statements, #validate + 1, validate)
    if names[1] ~= full_name then -- a table without partitions has it already
      adopt[#adopt + 1] = { name = row.name, statement = row.adopt }
    end
  end
  return validate, adopt
end

-- The swap besides what all swaps have in common: the old table out of the way with all that is below it, the new one
-- in its name. The statements, those that validate foreign keys, and more that is to be known afterwards.
function whole.statements(ctx, change, vars)
  local list, source, new = {}, change.source, change.new
  local incoming = catalog.query(ctx.conn, "online_incoming", source.oid)
  local function add(statement)
    list[#list + 1] = statement
  end
  for _, key in ipairs(incoming) do
    add(key.take)
  end
  for _, row in ipairs(online_table.whole_definition(ctx, source, new, "sequence")) do
    add(row.statement)
  end
  for _, row in ipairs(online_table.definition(ctx, source, new, "away")) do
    if row.statement:find "^ALTER STATISTICS" then -- the others go along with the table
      add(row.statement)
    end
  end
  local views = online_table.whole_definition(ctx, source, new, "view")
  for _, row in ipairs(catalog.query(ctx.conn, "online_outgoing", source.oid, nil)) do
    add(row.statement) -- else its rows would hold up those who delete what they refer to
  end
  for _, member in ipairs(change.members) do
    vars.source = member.full_name
    add(sql.text(ctx, "whole_away", vars))
  end
  for _, row in ipairs(online_table.definition(ctx, source, new, "attached")) do
    add(row.statement)
  end
  for _, statement in ipairs(online_table.not_null_names(ctx, new, source.name)) do
    add(statement)
  end
  add(("ALTER TABLE %s RENAME TO %s"):format(new.full_name, ctx.conn:ident(source.name)))
  each_target({ targets = change.targets }, nil, function(target)
    if target.final ~= target.name then
      add(("ALTER TABLE %s RENAME TO %s"):format(target.full_name, ctx.conn:ident(target.final)))
    end
  end)
  for _, phase in ipairs { "key", "index", "end" } do
    for _, row in ipairs(online_table.definition(ctx, source, new, phase)) do
      add(row.final)
    end
  end
  for _, row in ipairs(views) do
    add(row.statement)
  end
  local validate, adopt = whole.outgoing(ctx, change, add)
  for _, key in ipairs(incoming) do
    add(key.give)
    validate[#validate + 1] = key.validate
  end
  return list, validate, { adopt = adopt }
end

-- After the swap: the table takes the foreign keys of its leaves for its own.
function whole.adopt(ctx, change, perform)
  local there =
    "SELECT count(*) AS n FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2"
  for _, key in ipairs(change.run.details.adopt or {}) do
    if ctx.plan or ctx.conn:exec(there, change.source.source, key.name)[1].n == 0 then
      perform(key.statement)
    end
  end
end

-- Lines without what has to differ: a partitioned table stores nothing, and is clustered by nothing; some columns
-- became NOT NULL, and the key is in every unique index.
local function comparable(change, lines)
  local list = {}
  for _, line in ipairs(lines) do
    line = line:gsub("^(table: owner [^,]*), method.*", "%1"):gsub("clustered t,", "clustered f,")
    for _, each in ipairs(change.not_null) do
      if line:find(("column %s "):format(each.column), 1, true) == 1 then
        line = line:gsub(" not null", "", 1)
      elseif line:find(("constraint NOT NULL %s,"):format(each.column), 1, true) == 1 then
        line = nil
        break
      end
    end
    local unique = line
      and (
        line:find "^unique index"
        or line:find "^constraint PRIMARY"
        or line:find "^constraint UNIQUE"
      )
    for _, key in ipairs(unique and change.key or {}) do
      line = line:gsub('%f[%w_"]' .. key:gsub("%p", "%%%0") .. '%f[^%w_"]', "")
    end
    if unique then
      line = line:gsub(", %f[,)]", ""):gsub("%(, ", "("):gsub(" INCLUDE %(%)", "")
      line = line:gsub("statistics {[-1,]+}", "statistics {}") -- a number for each column
    end
    list[#list + 1] = line
  end
  return list
end

-- As online_table.difference(), of a table and the partitioned one in its place. change: key (its columns, quoted),
-- not_null (those that became so).
function whole.difference(change, before, after)
  return online_table.difference(comparable(change, before), comparable(change, after))
end

-- Raises when there are rows that no partition would take.
function whole.refuse_unfit(ctx, change, vars)
  local row = catalog.first(
    ctx.conn,
    "online_leaf_bounds",
    catalog.relation(ctx.conn, change.new.full_name).oid
  )
  local parts = { row and ("(%s)"):format(row.expression) }
  for _, each in ipairs(change.not_null) do
    parts[#parts + 1] = each.column .. " IS NOT NULL"
  end
  if #parts == 0 then
    return
  end
  vars.expression = table.concat(parts, " AND ")
  if change.source.types then
    vars.rows = ("(SELECT %s FROM %s AS t)"):format(vars.casts, vars.rows)
  end
  local found = sql.run(ctx, "whole_fits", vars)[1].rows
  if found > 0 then
    local query = ("SELECT * FROM %s AS t WHERE (%s) IS NOT TRUE LIMIT 10;"):format(
      vars.rows,
      vars.expression
    )
    fail.raise(
      "check",
      ("no partition would take %s of %s"):format(text.count(found, "row"), change.source.source),
      {
        detail = query,
        hint = "--default makes a default partition for them. --abort removes every trace; then begin again.",
      }
    )
  end
end

return whole
