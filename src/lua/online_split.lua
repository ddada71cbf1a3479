-- What a partition is split into: names and bounds of the new partitions, from the words of the command line.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local online_names = require "partdemo.online_names"
local partition_bounds = require "partdemo.bounds"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local words = require "partdemo.online_words"

local split = {}

local TRIAL = "partdemo_split"
local usage = words.usage

local function need(params, option, other, example)
  if params[option]:find "^[%s,;]*$" or params[other] ~= "" then
    usage(
      ("this partition is split by --%s%s"):format(
        option,
        params[other] ~= "" and (", not by --%s"):format(other) or ""
      ),
      ("For instance --%s %s"):format(option, example)
    )
  end
end

local function texts(list)
  local found = {}
  for i, cut in ipairs(list) do
    found[i] = cut.text
  end
  return found
end

-- The groups of --values as bounds, and one for the values that no group names.
local function lists(conn, source, params, have)
  local bounds, taken = {}, {}
  local key = catalog.query(conn, "key_types", catalog.relation(conn, source.source).parent)[1]
  for i, values in ipairs(words.groups(params.values)) do
    for _, value in ipairs(values) do
      local at
      for j, each in ipairs(have or {}) do
        at = at or (not taken[j] and partition_bounds.equal(conn, key, each, value) and j)
      end
      if have and not at then
        local message = "--values: %s holds no '%s', or it is there twice"
        usage(message:format(source.source, words.text(value)))
      end
      taken[at or 0] = true
    end
    bounds[i] = "FOR VALUES IN " .. words.literals(conn, values)
  end
  local rest = {}
  for j, each in ipairs(have or {}) do
    if not taken[j] then
      rest[#rest + 1] = type(each) == "table" and each.keyword or conn:literal(each)
    end
  end
  if #rest > 0 then
    bounds[#bounds + 1] = ("FOR VALUES IN (%s)"):format(table.concat(rest, ", "))
  end
  return bounds
end

-- The bounds of the new partitions, in order.
local function bounds_of(conn, source, params)
  local old = partition_bounds.parts(source.bound)
  if source.strategy == "hash" then
    if params.at ~= "" or params.values ~= "" then
      usage "a hash partition is split in two of double modulus: it takes neither --at nor --values"
    end
    local form = "FOR VALUES WITH (MODULUS %d, REMAINDER %d)"
    return {
      form:format(old.modulus * 2, old.remainder),
      form:format(old.modulus * 2, old.remainder + old.modulus),
    }
  end
  local bounds
  if source.strategy == "list" then
    need(params, "values", "at", "'US,CA;MX'")
    bounds = lists(conn, source, params, old.values)
  else
    need(params, "at", "values", "2024-02-08,2024-02-15")
    local ends = texts(words.cuts(conn, params.at, source.key_columns))
    if not old.default then
      table.insert(ends, 1, old.from_text)
      table.insert(ends, old.to_text)
    elseif #ends < 2 then
      usage "the default partition is split by at least two values: where the new range begins and ends"
    end
    bounds = words.ranges(ends)
  end
  if old.default then
    bounds[#bounds + 1] = "DEFAULT"
  elseif #bounds < 2 then
    usage(
      ("--values names all values of %s: nothing is left for another partition"):format(
        source.source
      )
    )
  end
  return bounds
end

-- The names by --names, or those that follow from the bounds. Of a default partition the rest keeps the name.
local function names_of(conn, params, name, parent_name, count, is_default, key_columns)
  local given = online_names.all_new(params.names, "names")
  if #given > 0 then
    if #given == count - 1 and is_default then
      given[count] = name
    elseif #given ~= count then
      usage(("--names takes %d names, one for each new partition"):format(count))
    end
    return given
  end
  local found = {}
  for i = 1, count do
    found[i] = ("%s_%d"):format(name, i)
  end
  if is_default then
    local groups = params.values ~= "" and words.groups(params.values)
    local first = groups or words.cuts(conn, params.at, key_columns)
    for i = 1, count - 1 do
      local value = groups and first[i][1] or first[i].values[1]
      found[i] = ("%s_%s"):format(parent_name, words.plain(value))
    end
    found[count] = name
  end
  return found
end

-- Raises what is wrong with --at when the i-th range has nothing in it.
local function refuse_empty(conn, source, params, i)
  local old = partition_bounds.parts(source.bound)
  local cuts = words.cuts(conn, params.at, source.key_columns)
  local low, high = cuts[old.default and i or i - 1], cuts[old.default and i + 1 or i]
  if low and high then
    usage(("--at: %s comes after %s and is not greater"):format(high.word, low.word))
  end
  local message = "--at: %s is not inside %s, which goes from %s to %s"
  local from, to = old.from_text, old.to_text
  if source.key_columns == 1 then
    from, to = from:sub(2, -2), to:sub(2, -2)
  end
  usage(message:format((low or high).word, source.source, from, to))
end

-- Whether a range has nothing in it, by the statement that makes it the only partition: nothing overlaps there, so that
-- it is the only thing that can be wrong with the definition (42P17). What it makes is taken back.
local function is_empty(conn, statement)
  conn:exec "SAVEPOINT partdemo_alone"
  local ok, e = fail.call(conn.exec, conn, statement)
  if not ok and not (type(e) == "table" and e.sqlstate == "42P17") then
    error(e, 0)
  end
  conn:exec "ROLLBACK TO SAVEPOINT partdemo_alone"
  return not ok
end

-- Has PostgreSQL judge the bounds, on temporary tables that are rolled back.
local function try(conn, source, params, bounds)
  local create = "CREATE TEMP TABLE %s PARTITION OF %s %s"
  sql.trial(conn, nil, function()
    local like = "CREATE TEMP TABLE %s (LIKE %s INCLUDING GENERATED) PARTITION BY %s"
    conn:exec(like:format(TRIAL, source.source, source.partition_by))
    if source.bound == "DEFAULT" then
      for i, row in ipairs(catalog.query(conn, "online_siblings", source.parent_oid, source.oid)) do
        conn:exec(create:format(("%s_0_%d"):format(TRIAL, i), TRIAL, row.bound))
      end
    end
    conn:exec(like:format(TRIAL .. "_alone", source.source, source.partition_by))
    local given = params.values ~= "" and "--values" or "--at"
    for i, bound in ipairs(bounds) do
      words.judge(given, TRIAL, function()
        local name = ("%s_%d"):format(TRIAL, i)
        if given == "--at" and is_empty(conn, create:format(name, TRIAL .. "_alone", bound)) then
          refuse_empty(conn, source, params, i)
        end
        conn:exec(create:format(name, TRIAL, bound))
      end)
    end
  end)
end

-- The new partitions, by --at, --values and --names.
function split.targets(conn, source, params)
  local given = source.strategy == "list" and "--values" or "--at"
  local bounds = words.judge(given, TRIAL, bounds_of, conn, source, params)
  local is_default = source.bound == "DEFAULT"
  try(conn, source, params, bounds)
  local names =
    names_of(conn, params, source.name, source.parent_name, #bounds, is_default, source.key_columns)
  words.differ(names)
  local targets = {}
  for i, name in ipairs(names) do
    targets[i] = words.target(conn, source, name, bounds[i], name == source.name)
  end
  return targets
end

-- Whether the relation has the i-th of the bounds that the parameters ask for; of range and list partitions.
local function is_as_asked(conn, found, params, i, is_default)
  local have = partition_bounds.parts(found.bound)
  if have.values then
    local values = words.groups(params.values)[i]
    local parent = catalog.relation(conn, found.parent)
    return not values
      or words.judge(
        "--values",
        TRIAL,
        partition_bounds.same,
        conn,
        parent,
        found,
        { values = values }
      )
  elseif have.modulus then
    return true
  elseif have.default then
    return false
  end
  local keys = catalog.query(conn, "key_types", found.parent)
  local all = words.cuts(conn, params.at, #have.from)
  local function equal(values, cut)
    for j, value in ipairs(values) do
      local want = cut.values[j]
      if not words.judge("--at", TRIAL, partition_bounds.equal, conn, keys[j], value, want) then
        return false
      end
    end
    return true
  end
  local low, high = all[is_default and i or i - 1], all[is_default and i + 1 or i]
  return (not low or equal(have.from, low)) and (not high or equal(have.to, high))
end

-- Whether the table is split already as the parameters ask for; why not.
function split.is_done(conn, params)
  local parent = catalog.relation(conn, params.table)
  if not parent or parent.kind ~= "p" then
    return false, "there is no such partitioned table"
  end
  local source = online_names.partition(conn, params.table, params.partition)
  local is_default = source ~= nil and source.bound == "DEFAULT"
  local name, schema = online_names.read(params.partition)
  name = source and source.name or name
  local place = catalog.first(conn, "online_place", parent.oid)
  local groups = parent.strategy == "list" and #words.groups(params.values) or 0
  local ends = parent.strategy == "range" and #words.cuts(conn, params.at, place.key_columns) or 0
  local given = #online_names.list(params.names)
  local count = is_default and math.max(groups, ends - 1) + 1
    or parent.strategy == "range" and ends + 1
    or parent.strategy == "hash" and 2
    or math.max(given, groups)
  if count < (parent.strategy == "list" and 1 or 2) then
    return false, "nothing was asked for"
  end
  local names = names_of(conn, params, name, place.name, count, is_default, place.key_columns)
  for i = 1, is_default and count - 1 or count do
    local full_name = sql.name(conn, names[i], schema or place.schema)
    local found = catalog.relation(conn, full_name)
    local same_parent = found
      and found.parent
      and catalog.relation(conn, found.parent).oid == parent.oid
    if not same_parent or not is_as_asked(conn, found, params, i, is_default) then
      return false, ("%s is not there as it was asked for"):format(full_name)
    end
  end
  return true, text.count(count, "partition") .. " in its place"
end

return split
