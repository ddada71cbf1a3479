-- Whether columns of a table can have other types: everything that hangs on the table is made on an empty one like it,
-- where PostgreSQL itself says what does not go, and rolled back.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local sql = require "partdemo.online_sql"
local types = require "partdemo.online_types"

local look = {}

local SCHEMA = "partdemo_trial" -- no temporary tables: their schema is written in two ways
local TRIAL, OTHER = SCHEMA .. ".like_it", SCHEMA .. ".other"

-- The trial table like the old one, with what hangs on it by definition; what fails goes to refuse(e, statement).
local function make_trial(ctx, source, alter, refuse)
  local conn = ctx.conn
  local create = "CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES)"
  conn:exec("CREATE SCHEMA " .. SCHEMA)
  conn:exec(create:format(TRIAL, source.source))
  alter()
  local like = { oid = source.oid, schema = SCHEMA, key_index = source.key_index }
  local target = { name = "like_it", full_name = TRIAL }
  for _, phase in ipairs { "key", "index", "end", "attached" } do
    for _, row in ipairs(online_table.definition(ctx, like, target, phase)) do
      local statement = row.statement
      local e = not statement:find "OWNER TO"
        and not statement:find "^GRANT"
        and not statement:find "^REVOKE"
        and types.attempt(conn, conn.exec, conn, statement)
      if e then
        refuse(e, statement)
      end
    end
  end
  return online_table.lines(ctx, catalog.relation(conn, TRIAL).oid)
end

-- What a foreign key of the table, or of another one to it, says to the new types.
local function try_key(conn, key)
  conn:exec(("CREATE TABLE %s (LIKE %s INCLUDING INDEXES)"):format(OTHER, key.other))
  conn:exec(
    ("ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s)"):format(
      key.incoming and OTHER or TRIAL,
      key.columns,
      key.incoming and TRIAL or OTHER,
      key.refers_to
    )
  )
end

-- Whether an assignment makes the cast back.
local function try_back(conn, each)
  conn:exec(("CREATE TEMP TABLE partdemo_types_back (c %s)"):format(each.old))
  local insert = "INSERT INTO partdemo_types_back SELECT %s FROM %s"
  conn:exec(insert:format(each.column, TRIAL))
  conn:exec "DROP TABLE partdemo_types_back"
end

-- Whether values of the type can be compared, also those that they consist of: an operator may be there, and fail.
-- Arrays are equal by the operator of an index; that of a box alone compares areas.
local function compare(conn, type_name)
  local same = "SELECT '{}'::%s[] IS NOT DISTINCT FROM '{}'::%s[]"
  conn:exec(same:format(type_name, type_name))
end

local function column_refusals(ctx, list, add, listed)
  local conn, keeps = ctx.conn, ctx.params.keep_old
  for _, each in ipairs(list) do
    local what = ("%s as %s"):format(each.column, each.type)
    local alter = ("ALTER TABLE %s %s"):format(TRIAL, each.actions)
    local e = types.attempt(conn, conn.exec, conn, alter)
    if e and listed and e.sqlstate == "0A000" then
      e = nil -- what depends on the column is in the list
    elseif e then
      add(what, e.message .. ". Only casts that an assignment makes by itself are made.")
    elseif each.in_key and not each.comparable then
      add(what, "rows are named by it, and no operator family compares it with " .. each.old)
    elseif each.in_key and not each.key_type then
      -- Two values of the one may be one of the other, so that a row would be taken for another one.
      add(what, "rows are named by it, and neither type holds every value of the other")
    end
    if each.generated then
      add(what, "it is a generated column: drop it, and add it again with that type")
    end
    local back = ("SELECT %s::%s::%s FROM %s"):format(each.column, each.type, each.old, TRIAL)
    e = not e and types.attempt(conn, conn.exec, conn, back)
    if e then
      add(what, e.message .. ", so nobody could tell whether a value is kept")
    end
    e = keeps and types.attempt(conn, try_back, conn, each)
    if e then
      add(what, "--keep-old: no way back, as " .. e.message)
    end
    each.textual = types.attempt(conn, compare, conn, each.old) ~= nil
    each.textual_back = types.attempt(conn, compare, conn, each.type) ~= nil
  end
end

-- In the trial: a list of what stands in the way, and the lines that differ.
local function try(ctx, source, list)
  local conn, lines, names = ctx.conn, {}, json.array {}
  local function add(what, why, remedy)
    lines[#lines + 1] = ("%s: %s"):format(what, why)
    lines[#lines + 1] = remedy and "  " .. remedy or nil
  end
  for i, each in ipairs(list) do
    names[i] = each.name
  end
  for _, query in ipairs {
    table.pack("online_types_refused", source.oid, json.encode(names)),
    table.pack("online_types_sequences", json.encode(list)),
  } do
    for _, row in ipairs(catalog.query(conn, table.unpack(query, 1, query.n))) do
      add(row.what, row.why, row.remedy)
    end
  end
  conn:exec "SAVEPOINT partdemo_before"
  local before = make_trial(ctx, source, function() end, function(e)
    error(e, 0)
  end)
  conn:exec "ROLLBACK TO SAVEPOINT partdemo_before"
  local after = make_trial(ctx, source, function()
    column_refusals(ctx, list, add, #lines > 0)
  end, function(e, statement)
    add("then " .. e.message, "it comes from " .. statement)
  end)
  for _, key in ipairs(catalog.query(conn, "online_types_keys", source.oid, json.encode(list))) do
    local e = not key.period and types.attempt(conn, try_key, conn, key)
    if e or key.period then
      local why = e and e.message .. ("%s"):format(e.detail and ": " .. e.detail or "")
        or "one with PERIOD is not carried over"
      add(("the foreign key %s of %s"):format(key.name, key.of), why, key.remedy)
    elseif key.stays then
      report.note(report.fold(("      %s, while what it refers to changes"):format(key.stays), 8))
    end
    conn:exec(("DROP TABLE IF EXISTS %s CASCADE"):format(OTHER))
  end
  return lines, online_table.difference(before, after)
end

-- Looks at what --types asks for: raises what stands in the way, gives the table what types.apply() gives, and returns
-- the lines of the definition that become others, or nil when nothing does.
function look.at(ctx, source)
  types.set_zone(ctx.conn, ctx.params.time_zone)
  local list = types.of(ctx.conn, source, ctx.params)
  if #list == 0 then
    return nil
  end
  local differ
  local refused = sql.trial(ctx.conn, nil, function()
    local lines
    lines, differ = try(ctx, source, list)
    return lines
  end)
  if #refused > 0 then
    fail.raise("check", ("%s cannot have these types"):format(source.source), {
      detail = table.concat(refused, "\n"),
      hint = "Nothing was changed. Move what is listed out of the way, and run the same command again.",
    })
  end
  local _, missing = types.lines_after(online_table.lines(ctx, source.oid), differ)
  if missing then
    fail.raise("check", "it cannot be told how the table would be defined then", {
      detail = missing,
      hint = "Nothing was changed. Take that off the table, and run the same command again.",
    })
  end
  source.key_definitions = types.apply(ctx.conn, source, list) or source.key_definitions
  for _, each in ipairs(list) do
    report.say(("      %s: %s becomes %s"):format(each.column, each.old, each.type))
  end
  local prepared = "      sessions that have prepared a query of these columns get an error from it once, "
    .. "'cached plan must not change result type'"
  report.note(report.fold(prepared, 8))
  return differ
end

return look
