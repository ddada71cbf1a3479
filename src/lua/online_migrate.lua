-- The steps of scenarios/online/migrate.lua that are not those of every online change.
local catalog = require "partdemo.catalog"
local copy = require "partdemo.online_copy"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local online_end = require "partdemo.online_end"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local shape = require "partdemo.online_shape"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local types = require "partdemo.online_types"
local types_look = require "partdemo.online_types_look"
local whole = require "partdemo.online_whole"
local whole_back = require "partdemo.online_whole_back"

local migrate = {}

local widen = {
  name = "widen",
  type = "boolean",
  default = false,
  help = "add the key's columns to unique indexes that lack them; these then allow what they did not",
}

-- --by and so on, for both levels, --widen, --types and --time-zone.
migrate.params = {}
for _, list in ipairs { shape.params, shape.sub_params, { widen }, types.params } do
  table.move(list, 1, #list, #migrate.params + 1, migrate.params)
end

local function arguments(params)
  local given = shape.arguments(params) .. (params.widen and " --widen" or "")
  local more = types.arguments(params)
  return more ~= "" and given .. " " .. more or given
end

-- The key's columns, quoted, and those that the primary key makes NOT NULL.
local function key_of(ctx, source, wanted)
  local key, not_null = json.array {}, json.array {}
  for i, name in ipairs(wanted.key) do
    key[i] = sql.name(ctx.conn, name)
  end
  local rows = catalog.query(ctx.conn, "online_nullable", source.oid, json.encode(wanted.key))
  for _, row in ipairs(rows) do
    not_null[#not_null + 1] = row.in_primary and { name = row.name, column = row.column } or nil
  end
  return key, not_null
end

-- The table and what it is to become: raises what cannot be carried over.
function migrate.look(ctx)
  local source = online_table.whole(ctx)
  local differ = types_look.at(ctx, source)
  local wanted = shape.of(ctx.conn, source, ctx.params)
  local members = whole.members(ctx.conn, source.oid)
  online_table.refuse_whole(ctx, source, wanted, { widen = ctx.params.widen, copied = true })
  whole.refuse_own(ctx, members)
  whole.refuse_same_names(members)
  wanted.differ = differ
  return source, wanted, members
end

-- Step: look at the table and what hangs on it, make the new one aside; or find the run again.
function migrate.begin(ctx)
  run.prepare_session(ctx)
  local this = run.resume(ctx, "migrate", arguments(ctx.params))
  if this then
    ctx.online = run.change(this)
    types.set_zone(ctx.conn, ctx.online.zone)
    return
  end
  local source, wanted, members = migrate.look(ctx)
  local size = ("      %s: about %s, %s"):format(
    source.source,
    text.count(source.rows, "row"),
    text.bytes(source.bytes)
  )
  report.say(report.fold(size, 8))
  local key, not_null = key_of(ctx, source, wanted)
  for _, each in ipairs(not_null) do
    report.say(
      ("      %s becomes NOT NULL, as it is a part of the primary key then"):format(each.column)
    )
  end
  if source.kind == "r" then
    online_table.warn_of_before_triggers(
      ctx,
      source,
      { name = source.name, full_name = source.source }
    )
  end
  whole_back.remember(ctx, members)
  sql.briefly(ctx, "the new table", { source.oid }, function()
    this = run.begin(ctx, {
      operation = "migrate",
      arguments = arguments(ctx.params),
      sources = members,
      place = source,
      phase = "begun",
      details = {},
    })
    local new = whole.target(ctx.conn, source, "partdemo_table_" .. this.id, wanted.key)
    whole.make(ctx, source, new, wanted, this.names.pattern)
    local lines = json.array(online_table.lines(ctx, source.oid))
    run.note(ctx, this, {
      whole = true,
      sources = { source },
      members = members,
      new = new,
      key = key,
      not_null = not_null,
      targets = wanted.targets,
      lines = lines,
      lines_after = wanted.differ and (types.lines_after(lines, wanted.differ)),
      zone = ctx.params.time_zone,
    })
    this.names = run.own_names(this.id, false, new)
    ctx.online = run.change(this)
  end)
end

-- Step: every row has to have its partition.
function migrate.fit(ctx)
  if not run.is_past(ctx, "captured") then
    types.refuse_unfit(ctx, ctx.online, copy.variables(ctx.online))
    whole.refuse_unfit(ctx, ctx.online, copy.variables(ctx.online))
    report.say "      every row has its partition"
  end
end

-- Step of --abort.
function migrate.abort(ctx)
  online_end.abort(ctx, "migrate")
end

-- Whether the table is partitioned as the parameters ask for; why not.
function migrate.is_done(conn, params)
  local found = catalog.relation(conn, params.table)
  if not found then
    return false, ("there is no table %s"):format(params.table)
  elseif found.kind ~= "p" then
    return false, "it is not partitioned"
  end
  local source = online_names.table(conn, params.table)
  local other = types.of(conn, source, params)[1]
  if other then
    return false, ("%s is %s still"):format(other.column, other.old)
  end
  return shape.is_there(conn, source, params)
end

-- Whether it is not, after --undo.
function migrate.is_undone(conn, params)
  if not catalog.relation(conn, params.table) then
    return false, ("there is no table %s"):format(params.table)
  end
  local is_done = migrate.is_done(conn, params)
  return not is_done, is_done and "it is partitioned so still" or nil
end

return migrate
