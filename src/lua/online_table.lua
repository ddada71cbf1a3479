-- The partition that an online change replaces: what it is, what hangs on it, and the new partitions that
-- are made aside by its definition.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"

local online_table = {}

-- The partition (--partition when nil), as src/sql/online_source.sql describes it. Raises when there is none.
function online_table.source(ctx, name)
  local params = ctx.params
  local parent = catalog.relation(ctx.conn, params.table)
  if not parent then
    catalog.no_table(ctx.conn, params.table, "check")
  elseif parent.kind ~= "p" then
    fail.raise("check", ("%s is not partitioned"):format(params.table))
  end
  name = name or params.partition
  local source = online_names.partition(ctx.conn, params.table, name)
  if not source then
    fail.raise("check", ("%s has no partition %s"):format(params.table, name), {
      hint = "Names are written as in SQL; \\d+ in psql lists the partitions.",
    })
  end
  return source
end

-- The table --table as a whole, plain or partitioned, in the same words. Raises when there is none.
function online_table.whole(ctx)
  local params = ctx.params
  local relation = catalog.relation(ctx.conn, params.table)
  if not relation then
    catalog.no_table(ctx.conn, params.table, "check")
  elseif relation.kind ~= "r" and relation.kind ~= "p" then
    fail.raise("check", ("%s is %s"):format(params.table, relation.what))
  end
  return online_names.table(ctx.conn, params.table)
end

-- Raises a list of everything that the queries name, with the SQL that moves it; own: more lines.
local function refuse(ctx, source, queries, own)
  local lines = {}
  for _, query in ipairs(queries) do
    for _, row in ipairs(catalog.query(ctx.conn, table.unpack(query, 1, query.n))) do
      lines[#lines + 1] = ("%s: %s"):format(row.what, row.why)
      if row.remedy then
        lines[#lines + 1] = "  " .. row.remedy
      end
    end
  end
  table.move(own, 1, #own, #lines + 1, lines)
  if #lines > 0 then
    fail.raise("check", ("%s cannot be replaced as it is"):format(source.source), {
      detail = table.concat(lines, "\n"),
      hint = "Nothing was changed. Move what is listed out of the way, and run the same command again.",
    })
  end
end

-- Lines that say that rows have no name.
local function lacks_key(source)
  local why = "%s has no primary key and no unique index of NOT NULL columns: its rows have no name"
  local remedy = "  CREATE UNIQUE INDEX CONCURRENTLY ... ON %s (...);"
  return source.key and {} or { why:format(source.source), remedy:format(source.source) }
end

-- Raises a list of everything of a partition that cannot be carried over, with the SQL that moves it.
function online_table.refuse(ctx, source)
  local queries = {
    table.pack("online_refused", source.oid),
    table.pack("online_refused_own", source.oid),
    table.pack("online_refused_hidden", source.oid),
  }
  refuse(ctx, source, queries, lacks_key(source))
end

-- The same of a whole table that is to have another shape. opts: widen (unique indexes are made wider by the key),
-- copied (the rows need a name), own (more lines of the list).
function online_table.refuse_whole(ctx, source, shape, opts)
  local columns, widen = json.encode(shape.key), opts.widen == true
  local queries = {
    table.pack("online_whole_refused", source.oid, columns, widen, shape.expressions),
    table.pack("online_refused_own", source.oid),
    opts.copied and table.pack("online_refused_hidden", source.oid) or nil,
  }
  refuse(ctx, source, queries, opts.own or opts.copied and lacks_key(source) or {})
end

local function of_phase(rows, phase)
  local list = {}
  for _, row in ipairs(rows) do
    if row.phase == phase then
      list[#list + 1] = row
    end
  end
  return list
end

-- The statements that give the triggers of a table the state that they have.
function online_table.triggers(ctx, oid)
  local list = {}
  for i, row in ipairs(catalog.query(ctx.conn, "online_triggers", oid)) do
    list[i] = row.statement
  end
  return json.array(list)
end

-- The statements of one phase (see src/sql/online_definition.sql) for a new table. target.key: the columns of its
-- key when it is partitioned.
function online_table.definition(ctx, source, target, phase)
  local key = target.key and json.encode(target.key)
  local rows = catalog.query(
    ctx.conn,
    "online_definition",
    source.oid,
    target.full_name,
    source.schema,
    target.name,
    key,
    source.key_index
  )
  return of_phase(rows, phase)
end

-- Says so when a plain table that becomes partitioned has triggers that may have filled in its key.
function online_table.warn_of_before_triggers(ctx, source, target)
  for _, row in ipairs(online_table.definition(ctx, source, target, "attached")) do
    if row.statement:find "^CREATE TRIGGER .- BEFORE [^;]- FOR EACH ROW" then
      return report.below "BEFORE triggers see a row when its partition is chosen already: they cannot fill in the key"
    end
  end
end

-- What a query of the catalog says with every name qualified.
local function qualified(conn, ...)
  local set_path = "SELECT set_config('search_path', $1, false)"
  local path = conn:exec("SELECT current_setting('search_path') AS path")[1].path
  conn:exec(set_path, "")
  local rows = catalog.query(conn, ...)
  conn:exec(set_path, path)
  return rows
end

-- The statements of one phase (see src/sql/online_whole_definition.sql) for a new table that is partitioned. old_name:
-- of the old table by then, if it is not the one that it has now.
function online_table.whole_definition(ctx, source, target, phase, old_name)
  local types = json.encode(source.types or json.array {})
  local rows =
    qualified(ctx.conn, "online_whole_definition", source.oid, target.full_name, old_name, types)
  return of_phase(rows, phase)
end

-- The statements that rename what PostgreSQL named after a new table that will be called otherwise.
function online_table.not_null_names(ctx, new, final)
  local list = {}
  local rows = catalog.query(ctx.conn, "online_not_null_names", new.full_name, new.name, final)
  for i, row in ipairs(rows) do
    list[i] = row.statement
  end
  return list
end

-- Runs them, each in a transaction of its own unless one is open.
function online_table.define(ctx, source, target, phase)
  for _, row in ipairs(online_table.definition(ctx, source, target, phase)) do
    sql.exec(ctx, row.statement)
  end
end

-- Gives the partitions of a new table the replica identity of the old one: they do not have it from the table above.
function online_table.identify(ctx, source, new)
  local rows = catalog.query(ctx.conn, "online_leaf_identity", source.oid, new.full_name)
  for _, row in ipairs(rows) do
    sql.exec(ctx, row.statement)
  end
end

-- What src/sql/online_lines.sql says of a table, as a list of lines. is_shown: they are for a reader, and not compared
-- with lines from a process with another search_path.
function online_table.lines(ctx, oid, is_shown)
  local list, query = {}, is_shown and catalog.query or qualified
  for i, row in ipairs(query(ctx.conn, "online_lines", oid)) do
    list[i] = row.line
  end
  return list
end

local function counted(lines)
  local counts = {}
  for _, line in ipairs(lines) do
    counts[line] = (counts[line] or 0) + 1
  end
  return counts
end

-- The lines that one list has and the other has not, marked with - and +.
function online_table.difference(before, after)
  local found = {}
  local old, new = counted(before), counted(after)
  for _, line in ipairs(before) do
    if (new[line] or 0) < old[line] then
      found[#found + 1] = "- " .. line
    end
  end
  for _, line in ipairs(after) do
    if (old[line] or 0) < new[line] then
      found[#found + 1] = "+ " .. line
    end
  end
  return found
end

local create = { p = "CREATE", u = "CREATE UNLOGGED" }

-- psql variables of the files that make new partitions.
function online_table.variables(ctx, source, names, target)
  return {
    router = names.router,
    source = source.like or source.source,
    partition_by = source.partition_by,
    create = create[source.persistence],
    method = ctx.conn:ident(source.method),
    tablespace = ctx.conn:ident(source.tablespace),
    target = target and target.full_name,
    bound = target and target.bound,
  }
end

-- Makes the new partitions aside, in the private router, with the promise of their bounds; within a transaction.
-- targets: { name, full_name, bound }. siblings: bounds that the router has to know besides.
function online_table.make(ctx, source, names, targets, siblings)
  sql.run(ctx, "router", online_table.variables(ctx, source, names))
  for _, target in ipairs(targets) do
    sql.run(ctx, "aside", online_table.variables(ctx, source, names, target))
  end
  for i, bound in ipairs(siblings) do
    sql.exec(
      ctx,
      ("CREATE TABLE %s_%d PARTITION OF %s %s"):format(names.router, i, names.router, bound)
    )
  end
  local router = catalog.relation(ctx.conn, names.router).oid
  local bounds = {}
  for _, row in ipairs(catalog.query(ctx.conn, "online_bounds", router, source.parent_oid)) do
    bounds[row.partition] = row.bound
  end
  for _, target in ipairs(targets) do
    target.promise = ("%s AND %s"):format(bounds[target.full_name], source.above)
    sql.run(ctx, "bound", { target = target.full_name, bound = target.promise })
    online_table.define(ctx, source, target, "bare")
    report.say(report.fold(("      %s  %s"):format(target.full_name, target.bound), 8))
  end
end

return online_table
