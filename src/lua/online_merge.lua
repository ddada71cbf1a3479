-- Which partitions become one: they have to be neighbours of one definition.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local words = require "partdemo.online_words"

local merge = {}

local function usage(message, hint)
  fail.raise("usage", message, { hint = hint })
end

-- --name, or what all names begin with.
local function name_of(params)
  if params.name ~= "" then
    return online_names.new(params.name, "name")
  end
  local list = online_names.list(params.partitions)
  local common = online_names.read(list[1] or "")
  for _, word in ipairs(list) do
    local name = online_names.read(word)
    while name:sub(1, #common) ~= common do
      common = common:sub(1, -2)
    end
  end
  while not utf8.len(common) do -- no half characters
    common = common:sub(1, -2)
  end
  common = common:gsub("[_%-]+$", "")
  if common == "" then
    usage(
      "the names of the partitions have no beginning in common",
      "--name says what the new one is called."
    )
  end
  return common
end

-- Ranges in order, each beginning where the one before it ends.
local function merged_range(sources)
  local by_low, is_high = {}, {}
  for _, source in ipairs(sources) do
    local parts = bounds.parts(source.bound)
    by_low[parts.from_text], is_high[parts.to_text] = parts, true
  end
  local first
  for low, parts in pairs(by_low) do
    first = not is_high[low] and parts or first
  end
  local last, count = first, 1
  while last and by_low[last.to_text] do
    last, count = by_low[last.to_text], count + 1
  end
  if not last or count ~= #sources then
    usage("the ranges of the partitions are not neighbours: there is a gap between them")
  end
  return ("FOR VALUES FROM %s TO %s"):format(first.from_text, last.to_text)
end

local function merged_list(sources)
  local insides = {}
  for i, source in ipairs(sources) do
    insides[i] = source.bound:match "^FOR VALUES IN %((.*)%)$"
  end
  return ("FOR VALUES IN (%s)"):format(table.concat(insides, ", "))
end

-- All remainders of one modulus that share a remainder of a smaller one.
local function merged_hash(sources)
  local first = bounds.parts(sources[1].bound)
  local modulus = first.modulus // #sources
  local remainder = modulus > 0 and first.remainder % modulus
  local seen = {}
  for _, source in ipairs(sources) do
    local parts = bounds.parts(source.bound)
    seen[parts.remainder] = parts.modulus == first.modulus
      and first.modulus % #sources == 0
      and parts.remainder % modulus == remainder
  end
  local count = 0
  for _, fits in pairs(seen) do
    count = count + (fits and 1 or 0)
  end
  if count ~= #sources then
    usage(
      "the remainders of the partitions do not make up one of a smaller modulus",
      "For instance 1 and 5 of 8 are 1 of 4."
    )
  end
  return ("FOR VALUES WITH (MODULUS %d, REMAINDER %d)"):format(modulus, remainder)
end

local merged = { range = merged_range, list = merged_list, hash = merged_hash }

-- The partitions of --partitions; first the one whose name the new one takes, if there is such a one. Raises
-- when something hangs on one of them, or when they differ in more than bounds and rows.
function merge.sources(ctx)
  local list, sources, seen = online_names.list(ctx.params.partitions), {}, {}
  if #list < 2 then
    usage "--partitions takes at least two, as a,b"
  end
  local final = name_of(ctx.params)
  for _, word in ipairs(list) do
    local source = online_table.source(ctx, word)
    if seen[source.oid] then
      usage(("--partitions names %s twice"):format(source.source))
    elseif source.bound == "DEFAULT" then
      usage "a default partition cannot be merged with another one"
    end
    seen[source.oid] = true
    table.insert(sources, source.name == final and 1 or #sources + 1, source)
  end
  local lines
  for _, source in ipairs(sources) do
    online_table.refuse(ctx, source)
    local own = online_table.lines(ctx, source.oid)
    local differ = lines and online_table.difference(lines, own) or {}
    if #differ > 0 then
      fail.raise("check", ("%s is not defined as %s is"):format(source.source, sources[1].source), {
        detail = table.concat(differ, "\n"),
        hint = "Only partitions of one definition become one. Nothing was changed.",
      })
    end
    lines = lines or own
  end
  return sources
end

-- The new partition.
function merge.target(conn, sources, params)
  local name = name_of(params)
  return words.target(
    conn,
    sources[1],
    name,
    merged[sources[1].strategy](sources),
    name == sources[1].name
  )
end

-- Whether the new partition is there and the others are not; why not.
function merge.is_done(conn, params)
  local parent = catalog.relation(conn, params.table)
  if not parent or parent.kind ~= "p" then
    return false, "there is no such partitioned table"
  end
  local list, name = online_names.list(params.partitions), name_of(params)
  if #list < 2 then
    return false, "that is one partition"
  elseif not online_names.partition(conn, params.table, conn:ident(name)) then
    return false, ("%s has no partition %s"):format(params.table, name)
  end
  for _, each in ipairs(list) do
    if online_names.read(each) ~= name and online_names.partition(conn, params.table, each) then
      return false, each .. " is there still"
    end
  end
  return true
end

return merge
