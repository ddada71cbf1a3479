-- What a conversion is to make, from the catalog and the words of the command line: before anything is changed, and
-- whether it is made already.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local shape = require "partdemo.online_shape"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local words = require "partdemo.online_words"

local look = {}

local MOST_OUTSIDE = 1000 -- rows out of bound that are counted

local function param(name, default, help)
  local type_name = type(default)
  return { name = name, type = type_name, default = default, help = help }
end

-- Parameters of the scenario: by, and what concerns the plain table and its key.
look.params = {
  shape.params[1],
  param("from", "", "range: where the table's own range begins; else it has no beginning"),
  param("until", "", "range: where it ends: a value that no row reaches before the swap"),
  param("at", "", "range: where further partitions end, as 2027-02-01,2027-03-01"),
  param(
    "values",
    "",
    "list: its own values, then those of further partitions, as 'US,CA;MX'; else it becomes the default"
  ),
  param("default", false, "range and list: a default partition, too"),
  param("as_default", false, "the table itself becomes the default partition"),
  param("name", "", "of the table as a partition; else the table's with _hist"),
  param("names", "", "of the further partitions, as a,b,c; else they follow from the bounds"),
  param(
    "widen",
    false,
    "make unique indexes that lack the key wider by it; they then guarantee less"
  ),
}

-- MINVALUE for each column of the key.
local function lowest(columns)
  return "(" .. (", MINVALUE"):rep(columns):sub(3) .. ")"
end

-- What the table itself is to be, and the option that says so: the range from --from to --until, the first values of
-- --values, or all of a hash.
local function range_of(conn, params, key, level)
  local count = key.key_columns
  local function one(option)
    local cuts = words.cuts(conn, params[option], count, option)
    if #cuts ~= 1 then
      words.usage(("--%s takes one value of the key"):format(option))
    end
    return cuts[1].text
  end
  if params["until"] == "" then
    words.usage(
      "--until says where the range of the table ends",
      "A value that no row reaches before the swap, as --until 2027-01-01; or --as-default."
    )
  end
  local low, high = params.from == "" and lowest(count) or one "from", one "until"
  local further = level.at
  level.at = further == "" and "" or params["until"] .. (count > 1 and ";" or ",") .. further
  return ("FOR VALUES FROM %s TO %s"):format(low, high), "--until"
end

local function list_of(conn, _, _, level)
  local groups = words.split(level.values, ";", "'")
  if #groups == 0 then
    return "DEFAULT", "--values"
  end
  level.values = table.concat(groups, ";", 2)
  return "FOR VALUES IN " .. words.literals(conn, words.values(groups[1])), "--values"
end

local function hash_of()
  return "FOR VALUES WITH (MODULUS 1, REMAINDER 0)", "--by"
end

local own_bound = { range = range_of, list = list_of, hash = hash_of }

local function name_of(source, params)
  return params.name ~= "" and online_names.new(params.name, "name") or source.name .. "_hist"
end

local function first_of(source, params)
  return function(conn, key, level)
    for _, name in ipairs { "until", "from" } do
      if params[name] ~= "" and (key.strategy ~= "range" or params.as_default) then
        words.usage(
          ("--%s is not for %s"):format(
            name,
            params.as_default and "--as-default" or key.strategy .. " partitions"
          )
        )
      end
    end
    local bound, option
    if not params.as_default then
      bound, option = own_bound[key.strategy](conn, params, key, level)
    elseif key.strategy == "hash" then
      words.usage "--as-default is not for hash partitions"
    else
      bound, option = "DEFAULT", "--as-default"
    end
    if bound == "DEFAULT" and level.default then
      words.usage "--default: the table itself becomes the default partition"
    end
    return { name = name_of(source, params), bound = bound, option = option }
  end
end

-- The words, to be kept with the run.
function look.arguments(params)
  local list = { shape.arguments(params) }
  for _, name in ipairs { "from", "until", "name" } do
    if params[name] ~= "" then
      list[#list + 1] = ("--%s %s"):format(name, words.shell(params[name]))
    end
  end
  for _, name in ipairs { "widen", "as_default" } do
    list[#list + 1] = params[name] and "--" .. name:gsub("_", "-") or nil
  end
  return table.concat(list, " ")
end

-- The key columns that become NOT NULL: those of the primary key, and of a range without a default partition, which
-- takes no NULL.
local function becoming_not_null(ctx, source, wanted)
  local takes_null = wanted.strategy ~= "range" or wanted.first.bound == "DEFAULT"
  for _, target in ipairs(wanted.targets) do
    takes_null = takes_null or target.bound == "DEFAULT"
  end
  local found = json.array {}
  local rows = catalog.query(ctx.conn, "online_nullable", source.oid, json.encode(wanted.key))
  for _, row in ipairs(rows) do
    if row.in_primary or not takes_null then
      found[#found + 1] = { name = row.name, column = row.column }
    end
  end
  return found
end

-- Deferrable constraints that would be made wider, as lines of what is in the way.
local function deferrable(ctx, source, key)
  local own, lines = { name = source.name, full_name = source.source, key = key }, {}
  for _, row in ipairs(online_table.definition(ctx, source, own, "wider")) do
    local name = row.final:match " DROP CONSTRAINT (.-);.* DEFERRABLE"
    if name then
      -- The wider index beside it would refuse at once what it allows until the commit.
      local why = "the constraint %s: it is deferrable, and cannot be made wider beside writers"
      lines[#lines + 1] = why:format(name)
      lines[#lines + 1] = ("  ALTER TABLE %s DROP CONSTRAINT %s;"):format(source.source, name)
    end
  end
  return lines
end

-- What the steps work on, from the catalog and the parameters. Raises what is in the way.
function look.at(ctx)
  local source = online_table.whole(ctx)
  source.key_index = nil -- no rows are copied, so no index comes before the others
  if source.kind == "p" then
    fail.raise(
      "check",
      ("%s is partitioned already: %s"):format(source.source, source.partition_by)
    )
  end
  local wanted = shape.of(ctx.conn, source, ctx.params, first_of(source, ctx.params))
  online_table.refuse_whole(ctx, source, wanted, {
    widen = ctx.params.widen,
    own = ctx.params.widen and deferrable(ctx, source, wanted.key),
  })
  local aside, key = words.target(ctx.conn, source, source.name, nil, true), {}
  for i, name in ipairs(wanted.key) do
    key[i] = sql.name(ctx.conn, name)
  end
  local not_null = becoming_not_null(ctx, source, wanted)
  local inside = { wanted.first.constraint }
  for _, each in ipairs(not_null) do
    inside[#inside + 1] = each.column .. " IS NOT NULL"
  end
  return {
    source = source,
    sources = { source },
    by = wanted.by,
    key = key,
    hist = wanted.first,
    targets = wanted.targets,
    -- The new table: bears another name until the swap.
    new = {
      name = aside.name,
      final = source.name,
      full_name = aside.full_name,
      key = wanted.key,
    },
    not_null = not_null,
    outside = #inside > 0 and ("(%s) IS NOT TRUE"):format(table.concat(inside, " AND ")) or nil,
  }
end

-- The same of a run that was begun before.
function look.restore(this)
  local change = this.details
  change.run, change.source = this, change.sources[1]
  return change
end

-- Raises when rows are out of the bound, with the query that lists them.
function look.refuse_outside(ctx, change, hint)
  if not change.outside then
    return
  end
  local outside = ("FROM %s WHERE %s"):format(change.source.source, change.outside)
  local count = "SELECT count(*) AS n FROM (SELECT %s LIMIT %d) AS x"
  report.status "looking for rows out of bound"
  local begun = sched.now()
  local n = ctx.conn:exec(count:format(outside, MOST_OUTSIDE))[1].n
  change.outside_seconds = sched.now() - begun
  if n > 0 then
    fail.raise(
      "check",
      ("%s%s of %s cannot be in a partition %s"):format(
        n == MOST_OUTSIDE and "at least " or "",
        text.count(n, "row"),
        change.source.source,
        change.hist.bound
      ),
      { detail = ("SELECT * %s;"):format(outside), hint = hint }
    )
  end
end

local notes = {
  default = "%s becomes the default partition: it takes every row that no other partition takes, "
    .. "and a partition for some of them later means a split of it (online/split)",
  outside = "from the CHECK on until the swap, rows out of this bound are refused",
  missing = "there is no default partition: a row that no partition takes is refused, so make further ones in time",
  not_null = "%s becomes NOT NULL",
  wider = "made wider by the key, so that it guarantees less: %s",
}

-- Says what will be, and what it means for those who use the table.
function look.introduce(ctx, change)
  local source, hist = change.source, change.hist
  report.below(
    ("%s, about %s, %s, becomes %s of a table %s"):format(
      source.source,
      text.count(source.rows, "row"),
      text.bytes(source.bytes),
      hist.full_name,
      change.by
    )
  )
  report.below(("%s  %s"):format(hist.full_name, hist.bound))
  for _, target in ipairs(change.targets) do
    report.below(("%s  %s"):format(target.full_name, target.bound))
  end
  if hist.bound == "DEFAULT" then
    report.below(notes.default:format(hist.full_name))
  elseif not change.by:find "^HASH" then
    report.below(notes.outside)
    local last = change.targets[#change.targets]
    if not last or last.bound ~= "DEFAULT" then
      report.below(notes.missing)
    end
  end
  for _, each in ipairs(change.not_null) do
    report.below(notes.not_null:format(each.column))
  end
  for _, row in ipairs(online_table.definition(ctx, source, change.new, "wider")) do
    report.below(notes.wider:format(row.statement:match " USING (.*)$"))
  end
  online_table.warn_of_before_triggers(ctx, source, change.new)
end

-- Whether the table is partitioned as the parameters ask for, with the plain one as a partition; why not.
function look.is_done(conn, params)
  local parent = catalog.relation(conn, params.table)
  if not parent then
    return false, "there is no such table"
  elseif parent.kind ~= "p" then
    return false, "it is not partitioned"
  end
  local source = online_names.table(conn, params.table)
  if not shape.has_key(conn, source, params) then
    return false, "its key is " .. source.partition_by
  end
  local name = sql.name(conn, name_of(source, params), source.schema)
  local hist = catalog.relation(conn, name)
  local above = hist and hist.parent and catalog.relation(conn, hist.parent)
  if not above or above.oid ~= parent.oid then
    return false, ("it has no partition %s"):format(name)
  elseif params["until"] ~= "" and source.key_columns == 1 then
    local range = { from = words.values(params.from)[1], to = words.values(params["until"])[1] }
    local same = words.judge("--until", "", bounds.same, conn, parent, hist, range)
    return same, not same and ("%s is %s"):format(name, hist.bound) or nil
  end
  return true, ("%s is %s"):format(name, hist.bound)
end

return look
