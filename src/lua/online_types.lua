-- Columns that get another type while a table is copied: the words of --types, what the steps need to know of the
-- change, and the message about a value that does not fit.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local sql = require "partdemo.online_sql"
local words = require "partdemo.online_words"

local types = {}

types.params = {
  {
    name = "types",
    type = "string",
    default = "",
    help = "columns and their new types, as 'id bigint;amount numeric(12,2)'",
  },
  {
    name = "time_zone",
    type = "string",
    default = "",
    help = "in which timestamps without one are read, as Europe/Berlin or UTC",
  },
}

-- The words as one types them.
function types.arguments(params)
  local list = {}
  for _, each in ipairs(types.params) do
    local value = params[each.name] or ""
    local option = each.name:gsub("_", "-")
    list[#list + 1] = value ~= "" and ("--%s %s"):format(option, words.shell(value)) or nil
  end
  return table.concat(list, " ")
end

-- Values are read and bounds are meant in this time zone from now on, if one is given.
function types.set_zone(conn, zone)
  if (zone or "") == "" then
    return
  end
  local ok, e = fail.call(conn.exec, conn, "SELECT set_config('TimeZone', $1, false)", zone)
  if not ok and type(e) == "table" and e.sqlstate == "22023" then
    words.usage(
      "--time-zone: there is no time zone " .. zone,
      "SELECT name FROM pg_timezone_names lists them."
    )
  elseif not ok then
    error(e, 0)
  end
end

-- What the server says of the words, not of the connection.
local about_words = { ["0A"] = true, ["22"] = true, ["2B"] = true, ["3F"] = true, ["42"] = true }

-- The error that f meets, or nil; what it did is taken back if it met one. Within a transaction.
function types.attempt(conn, f, ...)
  conn:exec "SAVEPOINT partdemo_attempt"
  local ok, e = fail.call(f, ...)
  if ok then
    conn:exec "RELEASE SAVEPOINT partdemo_attempt"
    return nil
  elseif type(e) ~= "table" or not about_words[(e.sqlstate or ""):sub(1, 2)] then
    error(e, 0)
  end
  conn:exec "ROLLBACK TO SAVEPOINT partdemo_attempt"
  return e
end

-- Columns and types of the words. A type is checked by the server before it becomes a part of a statement: then it
-- is a type's name and nothing else.
local function read(conn, given)
  local columns = {}
  for _, word in ipairs(words.split(given, ";", '"')) do
    local name, type_name = word:match "^([%w_$\128-\255]+)%s+(.*)$"
    if word:find '^"' then
      local quoted = words.scan(word, word:match '^".-"(%s)' or " ", '"')[1]
      type_name = word:sub(#quoted + 1):match "^%s+(.*)$"
      name = type_name and words.unquoted(quoted, '"')
    else
      name = name and name:lower()
    end
    if not name then
      words.usage(
        ("--types takes columns and types, not '%s'"):format(word),
        "For instance 'id bigint;amount numeric(12,2)'."
      )
    elseif type_name:lower():find "%f[%w]using%f[%W]" then
      words.usage(
        ("--types: USING is not possible, as in '%s'"):format(word),
        "Only casts that an assignment makes by itself, and that lose nothing."
      )
    end
    local comment = type_name:find("--", 1, true) or type_name:find("/*", 1, true)
    local e = comment and { message = "a comment in a type" }
      or types.attempt(conn, conn.exec, conn, "SELECT $1::regtype", type_name)
    if e then
      words.usage(("--types: %s: %s"):format(word, e.message))
    end
    columns[#columns + 1] = ("%s %s"):format(conn:ident(name), type_name)
  end
  return columns
end

-- The columns that get another type: rows of src/sql/online_types.sql. Raises a usage failure when the words are wrong.
function types.of(conn, source, params)
  types.set_zone(conn, params.time_zone)
  if (params.types or "") == "" then
    return json.array {}
  end
  return sql.trial(conn, nil, function()
    local columns = read(conn, params.types)
    local create = "CREATE TEMP TABLE partdemo_types (%s)"
    local e = types.attempt(conn, conn.exec, conn, create:format(table.concat(columns, ", ")))
    if e then
      words.usage("--types: " .. e.message)
    end
    local list = json.array {}
    -- Types get their schemas: another process may go on, with another search_path.
    conn:exec "SET LOCAL search_path = ''"
    local rows =
      catalog.query(conn, "online_types", source.oid, "pg_temp.partdemo_types", source.key_index)
    for _, row in ipairs(rows) do
      if not row.there then
        words.usage(("--types: %s has no column %s"):format(source.source, row.column))
      elseif row.changes and row.zoned and (params.time_zone or "") == "" then
        local zone = conn:exec("SELECT current_setting('TimeZone') AS zone")[1].zone
        words.usage(
          ("--types: whether %s becomes the right %s depends on the time zone"):format(
            row.column,
            row.type
          ),
          ("--time-zone says in which the values are read; this session's is %s."):format(zone)
        )
      end
      list[#list + 1] = row.changes and row or nil
    end
    return list
  end)
end

-- What ALTER TABLE has to say.
function types.actions(list)
  local actions = {}
  for i, each in ipairs(list) do
    actions[i] = each.actions
  end
  return table.concat(actions, ", ")
end

-- Gives the table, as a row of src/sql/online_source.sql, what the steps need to know of a change of types.
function types.apply(conn, source, list)
  local lists = catalog.first(
    conn,
    "online_type_lists",
    source.oid,
    json.encode(list),
    source.key_texts,
    source.source,
    source.key_index
  )
  source.types, source.values, source.casts = list, lists.values, lists.casts
  source.lossless = lists.lossless
  return lists.key_definitions
end

-- The lines of a definition after the change, and one that should be among them before and is not. differ: what at() of
-- online_types_look returns.
function types.lines_after(lines, differ)
  local list, missing = json.array(table.move(lines, 1, #lines, 1, {})), nil
  for _, each in ipairs(differ or {}) do
    local line, place = each:sub(3), nil
    for i, old in ipairs(list) do
      place = old == line and i or place
    end
    if each:sub(1, 1) == "+" then
      list[#list + 1] = line
    elseif place then
      table.remove(list, place)
    else
      missing = line
    end
  end
  return list, missing
end

local hints = {
  copied = "Nothing is lost. Change that row, and the same command goes on from here; --abort removes every trace.",
  kept = "While that row is there, there is no way back. The same command without --keep-old ends the run.",
  turned = "Change that row, and --undo goes on; --abort gives up the way back and leaves the table as it is.",
}

local of_domains = { ["23502"] = true, ["23514"] = true } -- NOT NULL, CHECK

-- Raises the error of a step; one about a value that a new type does not take or keep names its column and row. rest:
-- FROM and what comes after it, of a query of the rows that the step was about; the table is t.
local function raise_misfit(ctx, change, rest, e)
  local source, state = change.source, type(e) == "table" and e.sqlstate or ""
  local is_one = state == "PD003" or state:sub(1, 2) == "22" or of_domains[state]
  if not source.types or not is_one then
    error(e, 0)
  end
  local row = catalog.first(
    ctx.conn,
    "online_misfit",
    rest,
    json.encode(source.types),
    source.key_texts,
    source.source
  )
  local ok, found = fail.call(ctx.conn.exec, ctx.conn, "DO " .. ctx.conn:literal(row.body))
  if ok then
    error(e, 0) -- not about a value
  elseif type(found) ~= "table" or found.sqlstate ~= "PD003" then
    error(found, 0)
  end
  local details = change.run.details
  local state_of = details.turned and "turned" or details.keeps and "kept" or "copied"
  fail.raise("check", found.message, { hint = hints[state_of] })
end

-- What f returns. Its errors are raised in the words of raise_misfit().
function types.explained(ctx, change, rest, f)
  local ok, result = fail.call(f)
  if not ok then
    raise_misfit(ctx, change, rest, result)
  end
  return result
end

-- FROM and WHERE of the rows whose keys are in the log.
function types.logged(vars)
  return ("FROM %s AS t WHERE EXISTS (SELECT FROM %s AS k WHERE %s)"):format(
    vars.rows,
    vars.log,
    vars.key_match
  )
end

local function refuse_unfit(ctx, change, vars, ask)
  if not change.source.types then
    return
  end
  local rest = ("FROM %s AS t"):format(vars.rows)
  local found = types.explained(ctx, change, rest, function()
    return ask(ctx, "types_fit", vars)[1].rows
  end)
  if found > 0 then
    raise_misfit(ctx, change, rest, { sqlstate = "PD003", message = "a value would not be kept" })
  end
end

-- Raises when there is a value that its new type does not take, or would not keep.
function types.refuse_unfit(ctx, change, vars)
  refuse_unfit(ctx, change, vars, sql.run)
end

-- The same of the rows whose keys are in the log, for a plan: applying the log would meet it.
function types.foresee_unfit(ctx, change, vars)
  vars.rows = ("(SELECT t.* %s)"):format(types.logged(vars))
  refuse_unfit(ctx, change, vars, function(...)
    return ctx.conn:exec(sql.text(...))
  end)
end

-- Raises when a sequence stands where the type that it is to have has no room.
function types.refuse_sequences(ctx, source)
  local row =
    catalog.first(ctx.conn, "online_types_sequences", json.encode(source.types or json.array {}))
  if row then
    fail.raise("check", ("%s: %s"):format(row.what, row.why), { detail = row.remedy })
  end
end

-- The way back: each column gets the type that it had. list: of the way there.
function types.reversed(list)
  local back = json.array {}
  for i, each in ipairs(list) do
    back[i] = {
      name = each.name,
      column = each.column,
      old = each.type,
      type = each.old,
      textual = each.textual_back,
      sequence_name = each.sequence_name,
      sequence = each.sequence and each.sequence_now,
      sequence_now = each.sequence,
    }
  end
  return back
end

return types
