-- The shape of a table that becomes partitioned, or partitioned otherwise: its key, its partitions and their bounds,
-- from the words of the command line. PostgreSQL itself judges them, on temporary tables that are rolled back.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local sql = require "partdemo.online_sql"
local types = require "partdemo.online_types"
local words = require "partdemo.online_words"

local shape = {}

local TRIAL = "partdemo_shape"
local usage = words.usage

local function param(name, type, default, help)
  return { name = name, type = type, default = default, help = help }
end

-- Parameters of scenarios: what the partitions are to be.
shape.params = {
  param("by", "string", nil, "the key, as in PARTITION BY: 'RANGE (created_at)'"),
  param(
    "at",
    "string",
    "",
    "range: where to cut, as 2024-01-01,2024-02-01; N cuts make N - 1 ranges"
  ),
  param("values", "string", "", "list: values of each partition, as 'US,CA;MX'"),
  param("modulus", "integer", 0, "hash: the number of partitions"),
  param("default", "boolean", false, "range and list: a default partition, too"),
  param("names", "string", "", "of the partitions, as a,b,c; else they follow from the bounds"),
}
-- And those of a second level, below each of them.
shape.sub_params = {
  param("sub_by", "string", "", "the key of a second level, as 'LIST (region)'"),
  param("sub_at", "string", "", "range: where to cut at the second level"),
  param("sub_values", "string", "", "list: values of each partition of the second level"),
  param("sub_modulus", "integer", 0, "hash: the number of partitions at the second level"),
  param("sub_default", "boolean", false, "a default partition at the second level, too"),
}
for _, list in ipairs { shape.params, shape.sub_params } do
  for _, each in ipairs(list) do
    each.min = each.type == "integer" and 0 or nil
  end
end

-- The words of one level, with the options that they came by. prefix: "" or "sub_".
local function level_of(params, prefix)
  local level = { prefix = prefix }
  for _, name in ipairs { "by", "at", "values", "modulus", "default" } do
    level[name] = params[prefix .. name]
  end
  level.at, level.values, level.modulus = level.at or "", level.values or "", level.modulus or 0
  return level
end

local function option(level, name)
  return "--" .. level.prefix:gsub("_", "-") .. name
end

local takes = {
  range = { at = true, default = true },
  list = { values = true, default = true },
  hash = { modulus = true },
}

-- The strategy in words, and refuses options of another one.
local function strategy_of(level)
  local masked = level.by:gsub('"[^"]*"', function(name)
    return ("x"):rep(#name)
  end)
  local strategy = masked:match "^%s*(%a+)%s*%b()%s*$"
  strategy = strategy and strategy:lower()
  if not takes[strategy] then
    local message = "%s takes a key as PARTITION BY does, not '%s'"
    usage(
      message:format(option(level, "by"), level.by),
      "For instance 'RANGE (created_at)', 'LIST (region)' or 'HASH (id)'."
    )
  end
  local given = {
    at = level.at ~= "",
    values = level.values ~= "",
    modulus = level.modulus ~= 0,
    default = level.default,
  }
  for _, name in ipairs { "at", "values", "modulus", "default" } do
    if given[name] and not takes[strategy][name] then
      usage(("%s is not for %s partitions"):format(option(level, name), strategy))
    end
  end
  return strategy
end

local function is_month(word)
  return word:match "^(%d%d%d%d%-%d%d)%-01$" or word:match "^(%d%d%d%d%-%d%d)%-01 00:00:00"
end

-- Bounds of a level and what a name says of each.
local function ranges_of(conn, level, key)
  local cuts = words.cuts(conn, level.at, key.key_columns, option(level, "at"):sub(3))
  local ends, parts, months = {}, {}, true
  for i, cut in ipairs(cuts) do
    ends[i] = cut.text
    months = months and is_month(cut.word) ~= nil
  end
  for i, bound in ipairs(words.ranges(ends)) do
    local word = cuts[i].word
    parts[i] = { bound = bound, name = words.plain(months and is_month(word) or word) }
  end
  return parts
end

local function lists_of(conn, level)
  local parts = {}
  for i, values in ipairs(words.groups(level.values)) do
    if #values == 0 then
      usage(("%s: a partition without a value"):format(option(level, "values")))
    end
    parts[i] =
      { bound = "FOR VALUES IN " .. words.literals(conn, values), name = words.plain(values[1]) }
  end
  return parts
end

local function remainders_of(_, level)
  local parts = {}
  for i = 1, level.modulus do
    local bound = ("FOR VALUES WITH (MODULUS %d, REMAINDER %d)"):format(level.modulus, i - 1)
    parts[i] = { bound = bound, name = ("p%d"):format(i - 1) }
  end
  return parts
end

local parts_of = { range = ranges_of, list = lists_of, hash = remainders_of }

local needed = { range = "at", list = "values", hash = "modulus" }
local examples = { range = "2024-01-01,2024-02-01,2024-03-01", list = "'US,CA;MX'", hash = "4" }

-- The option that the bounds of a level come from.
local function by_what(level, key)
  return option(level, needed[key.strategy])
end

-- The partitions of a level { bound, name }: name is the end of theirs. least: so many there have to be.
local function parts(conn, level, key, least)
  local found = parts_of[key.strategy](conn, level, key)
  for i, part in ipairs(found) do
    part.name = part.name ~= "" and part.name or tostring(i)
  end
  if level.default then
    found[#found + 1] = { bound = "DEFAULT", name = "default" }
  end
  if #found < least then
    usage(
      ("%s partitions need %s"):format(key.strategy, by_what(level, key)),
      ("For instance %s %s"):format(by_what(level, key), examples[key.strategy])
    )
  end
  return found
end

-- Runs a statement of the trial; what the server says against it is a mistake in the words.
local function try(conn, given, statement)
  words.judge(given, TRIAL, conn.exec, conn, statement)
end

-- What temporary tables are like: the source, or one whose columns have the types that they are to have.
local function like_of(conn, source)
  local name = TRIAL .. "_like"
  if not source.types then
    return source.source
  elseif not catalog.relation(conn, "pg_temp." .. name) then
    conn:exec(("CREATE TEMP TABLE %s (LIKE %s INCLUDING GENERATED)"):format(name, source.source))
    conn:exec(("ALTER TABLE %s %s"):format(name, types.actions(source.types)))
  end
  return name
end

-- A temporary table like the source with the key of a level.
local function try_key(conn, source, level, name)
  strategy_of(level)
  local create = "CREATE TEMP TABLE %s (LIKE %s INCLUDING GENERATED) PARTITION BY %s"
  try(conn, option(level, "by"), create:format(name, like_of(conn, source), level.by))
  local key = catalog.first(conn, "online_key", "pg_temp." .. name)
  key.columns = json.decode(key.columns)
  return key
end

-- On temporary tables: the keys, and the partitions of both levels as PostgreSQL takes them.
local function trial(conn, source, level, sub, first_of)
  local key = try_key(conn, source, level, TRIAL)
  local first = first_of and first_of(conn, key, level)
  local found = parts(conn, level, key, first and 0 or 1)
  local sub_key = sub and try_key(conn, source, sub, TRIAL .. "_sub")
  local sub_parts = sub and parts(conn, sub, sub_key, 1) or {}
  local create = "CREATE TEMP TABLE %s PARTITION OF %s %s%s"
  if first then
    try(conn, first.option, create:format(TRIAL .. "_0", TRIAL, first.bound, ""))
  end
  local below = sub and " PARTITION BY " .. sub.by or ""
  for i, part in ipairs(found) do
    local name = ("%s_%d"):format(TRIAL, i)
    try(conn, by_what(level, key), create:format(name, TRIAL, part.bound, below))
    for j, sub_part in ipairs(i == 1 and sub_parts or {}) do
      local sub_name = ("%s_%d"):format(name, j)
      try(conn, by_what(sub, sub_key), create:format(sub_name, name, sub_part.bound, ""))
    end
  end
  if first and key.strategy ~= "hash" then -- a hash names the table by its OID
    first.constraint =
      catalog.first(conn, "online_constraint", "pg_temp." .. TRIAL .. "_0").expression
  end
  return { key = key, parts = found, sub_key = sub_key, sub_parts = sub_parts, first = first }
end

-- The columns of both keys, each once, in order.
local function all_columns(key, sub_key)
  local found, seen = json.array {}, {}
  for _, each in ipairs { key, sub_key } do
    for _, column in ipairs(each.columns) do
      if not seen[column] then
        found[#found + 1], seen[column] = column, true
      end
    end
  end
  return found
end

-- A new partition; one of the old partitions may have its name until the swap.
local function target(conn, source, name, bound)
  local there = catalog.relation(conn, sql.name(conn, name, source.schema))
  if there and there.oid == source.oid then
    usage(("%s is the name of the table itself"):format(name), "--names gives other ones.")
  end
  local taken = there and catalog.first(conn, "online_is_part", source.oid, there.oid).is_part
  return words.target(conn, source, name, bound, taken)
end

local function refuse_sub_without_by(params)
  for _, each in ipairs(params.sub_by == "" and shape.sub_params or {}) do
    if params[each.name] ~= each.default then
      usage(("--%s is for --sub-by"):format((each.name:gsub("_", "-"))))
    end
  end
end

-- What a partitioned table is on its first level and, of each partition that is partitioned itself, on the second:
-- key and bounds as the server writes them, whatever the partitions are called.
local function levels_of(conn, name)
  local levels, order = {}, {}
  for _, row in ipairs(catalog.query(conn, "bounds", name)) do
    if not levels[row.oid] then
      levels[row.oid] = { ("%s (%s)"):format(row.strategy, row.key) }
      order[#order + 1] = row.oid
    end
    table.insert(levels[row.oid], row.bound)
  end
  for i, oid in ipairs(order) do
    table.sort(levels[oid])
    order[i] = table.concat(levels[oid], "; ")
  end
  return { top = order[1], below = table.move(order, 2, #order, 1, {}) }
end

-- Whether the table has that shape already; why not.
function shape.is_there(conn, source, params)
  refuse_sub_without_by(params)
  local sub = params.sub_by and params.sub_by ~= "" and level_of(params, "sub_") or nil
  local wanted = sql.trial(conn, nil, function()
    trial(conn, source, level_of(params, ""), sub)
    return levels_of(conn, TRIAL)
  end)
  local have = levels_of(conn, source.source)
  if have.top ~= wanted.top then
    return false, "it is partitioned by " .. have.top
  elseif #have.below ~= #wanted.below then
    return false, "its second level is another one"
  end
  for _, each in ipairs(have.below) do
    if each ~= wanted.below[1] then -- the trial has the second level once
      return false, "a partition of it is partitioned by " .. each
    end
  end
  return true
end

-- The new partitions, named by --names or by their bounds.
local function targets_of(conn, source, params, tried)
  local given = online_names.all_new(params.names or "", "names")
  if #given > 0 and #given ~= #tried.parts then
    usage(("--names takes %d names, one for each new partition"):format(#tried.parts))
  end
  local targets, all = {}, {}
  for i, part in ipairs(tried.parts) do
    local name = given[i] or ("%s_%s"):format(source.name, part.name)
    targets[i] = target(conn, source, name, part.bound)
    all[#all + 1] = name
    for j, sub_part in ipairs(tried.sub_parts) do
      local sub_name = ("%s_%s"):format(name, sub_part.name)
      targets[i].sub = targets[i].sub or {}
      targets[i].sub[j] = target(conn, source, sub_name, sub_part.bound)
      all[#all + 1] = sub_name
    end
  end
  if tried.first then
    targets.first = target(conn, source, tried.first.name, tried.first.bound)
    targets.first.constraint = tried.first.constraint
    all[#all + 1] = tried.first.name
  end
  words.differ(all)
  return targets
end

-- The shape that the parameters ask for. first_of(conn, key, level), if given, says of a partition that is there
-- already { name, bound, option }, and may take its words out of the level.
function shape.of(conn, source, params, first_of)
  refuse_sub_without_by(params)
  local sub = params.sub_by and params.sub_by ~= "" and level_of(params, "sub_") or nil
  local tried = sql.trial(conn, nil, function()
    return trial(conn, source, level_of(params, ""), sub, first_of)
  end)
  local targets = targets_of(conn, source, params, tried)
  local key, sub_key = tried.key, tried.sub_key
  local first = targets.first
  targets.first = nil
  return {
    by = key.by,
    sub_by = sub_key and sub_key.by,
    strategy = key.strategy,
    key = all_columns(key, sub_key or { columns = {} }),
    expressions = key.expressions or (sub_key ~= nil and sub_key.expressions),
    targets = targets,
    first = first,
  }
end

-- Whether the key of a partitioned table is the one that --by says.
function shape.has_key(conn, source, params)
  local key = sql.trial(conn, nil, function()
    return try_key(conn, source, level_of(params, ""), TRIAL)
  end)
  return key.by == source.partition_by
end

-- The words as one types them, to be compared with those of a run that was begun before.
function shape.arguments(params)
  local list = {}
  for _, group in ipairs { shape.params, shape.sub_params } do
    for _, each in ipairs(group) do
      local value = params[each.name]
      if value ~= nil and value ~= each.default then
        local name = each.name:gsub("_", "-")
        list[#list + 1] = value == true and "--" .. name
          or ("--%s %s"):format(name, words.shell(tostring(value)))
      end
    end
  end
  return table.concat(list, " ")
end

return shape
