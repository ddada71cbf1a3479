-- What partition bounds mean: the bound that a scenario writes against the one in the catalog, the order of
-- siblings, gaps and overlaps. Parsing and geometry are in C (partdemo.bound), the order of values is the
-- server's.
local bound = require "partdemo.bound"
local json = require "partdemo.json"
local text = require "partdemo.text"

local bounds = {}

local function list(values)
  local words = {}
  for i, v in ipairs(values) do
    words[i] = tostring(v)
  end
  return table.concat(words, ", ")
end

-- The bound of check.partition's arguments in PostgreSQL's words.
function bounds.describe(a)
  if a.default then
    return "DEFAULT"
  elseif a.values then
    return ("FOR VALUES IN (%s)"):format(list(a.values))
  elseif a.modulus then
    return ("FOR VALUES WITH (modulus %d, remainder %d)"):format(a.modulus, a.remainder or 0)
  elseif a.from or a.to then
    return ("FROM (%s) TO (%s)"):format(a.from or "MINVALUE", a.to or "MAXVALUE")
  end
  return "with any bound"
end

-- A bound or a part of one with midnights as plain dates, as one would write them.
function bounds.short(s)
  return (
    s:gsub("'(%d+%-%d%d%-%d%d) 00:00:00'", "'%1'"):gsub("'(%d+%-%d%d%-%d%d) 00:00:00%+00'", "'%1'")
  )
end

-- A value as a bound has it; `keywords` are words that are not to be quoted. { keyword } is one.
local function written(value, keywords)
  if type(value) == "table" then
    return value.keyword
  end
  local word = tostring(value)
  if keywords[word:upper()] then
    return word
  end
  return "E'" .. word:gsub("[\\']", "%0%0") .. "'"
end

-- The arguments of check.partition as the text of a bound.
local function wanted(a, keywords)
  if a.values then
    local words = {}
    for i, value in ipairs(a.values) do
      words[i] = written(value, keywords)
    end
    return ("FOR VALUES IN (%s)"):format(list(words))
  elseif a.from or a.to then
    local from = a.from and written(a.from, keywords) or "MINVALUE"
    local to = a.to and written(a.to, keywords) or "MAXVALUE"
    return ("FOR VALUES FROM (%s) TO (%s)"):format(from, to)
  end
  return bounds.describe(a)
end

-- The values of every set, in the order that the keys of its table have. sets: by the table's OID.
local function rank(conn, sets)
  local oids = json.array {}
  for oid in pairs(sets) do
    oids[#oids + 1] = oid
  end
  if #oids == 0 then
    return
  end
  local columns = require("partdemo.catalog").query(conn, "bound_order", json.encode(oids))
  local texts, ranks = {}, {} -- by the statement that ranks them: columns of one type share one
  for _, key in ipairs(columns) do
    local ranking = key.ranking or ""
    texts[ranking], ranks[ranking] = texts[ranking] or json.array {}, ranks[ranking] or {}
    for _, value in ipairs(key.ranking and sets[key.parent]:values(key.column) or {}) do
      if not ranks[ranking][value] then
        ranks[ranking][value] = 0
        table.insert(texts[ranking], value)
      end
    end
  end
  for ranking, values in pairs(texts) do
    for i, row in ipairs(#values > 0 and conn:exec(ranking, json.encode(values)) or {}) do
      ranks[ranking][values[i]] = row.rank
    end
  end
  for _, key in ipairs(columns) do
    sets[key.parent]:rank(key.column, ranks[key.ranking or ""])
  end
end

-- Whether the partition `found` of `parent` (both src/sql/relation.sql) has the bound that `a` describes.
-- A word like NULL is the keyword, unless the bound has it as a text.
function bounds.same(conn, parent, found, a)
  if not (a.default or a.values or a.modulus or a.from or a.to) then
    return true
  end
  local keywords = {}
  for _, word in ipairs { "MINVALUE", "MAXVALUE", "NULL" } do
    keywords[word] = not found.bound:upper():find("'" .. word .. "'", 1, true)
  end
  local set = bound.set { found.bound, wanted(a, keywords) }
  if not set then
    return false -- of another strategy, or of several columns
  end
  rank(conn, { [parent.oid] = set })
  return set:equal(1, 2)
end

-- A bound as the catalog writes it, in parts (partdemo.BoundParts).
function bounds.parts(written_bound)
  local set <close> = assert(bound.set { written_bound })
  return set:parts(1)
end

-- A value of parts() equal to another as a key column (src/sql/key_types.sql) has it; an expression, which has no type,
-- as texts. Words such as MINVALUE, { keyword }, are compared as words.
function bounds.equal(conn, key, have, want)
  if type(have) == "table" or type(want) == "table" then
    return type(have) == type(want) and have.keyword == want.keyword
  elseif not key.type then
    return have == tostring(want)
  end
  local sql = ("SELECT $1::text::%s %s $2::text::%s AS same"):format(key.type, key.equal, key.type)
  return conn:exec(sql, have, tostring(want))[1].same
end

-- The partitions of a level that take rows, and their ranked set; nil and why when a bound cannot be read.
local function ranked(conn, levels)
  local read, sets = {}, {}
  for i, level in ipairs(levels) do
    local partitions, texts = {}, {}
    for _, partition in ipairs(level.partitions) do
      if partition.bound and not partition.detach_pending then
        partitions[#partitions + 1] = partition
        texts[#texts + 1] = partition.bound
      end
    end
    local set, e = bound.set(texts)
    read[i] = { partitions = partitions, set = set, why = e and e.message }
    if set and #texts > 0 and level.strategy ~= "hash" then
      sets[level.oid] = set
    end
  end
  rank(conn, sets)
  return read
end

-- Puts the partitions of every level in the order of their bounds; those whose detach is pending come last.
---@param levels { oid: integer, strategy: string, partitions: table[] }[]
function bounds.sort(conn, levels)
  for i, read in ipairs(ranked(conn, levels)) do
    if read.set then
      local partitions = {}
      for place, index in ipairs(read.set:order()) do
        partitions[place] = read.partitions[index]
      end
      for _, partition in ipairs(levels[i].partitions) do
        if not partition.bound or partition.detach_pending then
          partitions[#partitions + 1] = partition
        end
      end
      levels[i].partitions = partitions
    end
  end
end

local function hash_hole(level, tiling)
  local words = ("%s: the hash partitions take only %.1f %% of the rows"):format(
    level.name,
    100 * tiling.share
  )
  if tiling.missing == 0 then
    return words
  end
  local more = tiling.missing - #tiling.remainders
  return ("%s: no partition with modulus %d, remainder %s%s"):format(
    words,
    tiling.modulus,
    list(tiling.remainders),
    more > 0 and (" and %s more"):format(text.number(more)) or ""
  )
end

local function level_findings(level, read)
  local found = {}
  local function add(format, ...)
    found[#found + 1] = format:format(...)
  end
  for _, partition in ipairs(level.partitions) do
    if partition.detach_pending then
      add("%s: its detach is pending", partition.name)
    end
  end
  if read.why then
    add("%s: %s", level.name, read.why)
    return found
  elseif #read.partitions == 0 then
    add("%s: has no partition", level.name)
    return found
  end
  local tiling = read.set:tiling()
  for _, gap in ipairs(tiling.gaps) do
    local from, to = bounds.short(gap.from), bounds.short(gap.to)
    add("%s: no partition for %s from %s to %s", level.name, level.key, from, to)
  end
  for _, pair in ipairs(tiling.overlaps) do
    local one, two = read.partitions[pair[1]], read.partitions[pair[2]]
    add("%s: %s and %s overlap", level.name, one.name, two.name)
  end
  if tiling.share < 1 - 1e-12 then
    found[#found + 1] = hash_hole(level, tiling)
  end
  return found
end

-- What is wrong with how the partitions of each level tile: gaps, overlaps, no partition at all, a pending
-- detach. PostgreSQL's words, one text each.
---@param levels { oid: integer, name: string, strategy: string, key: string, partitions: table[] }[]
---@return string[]
function bounds.findings(conn, levels)
  local found = {}
  for i, read in ipairs(ranked(conn, levels)) do
    for _, finding in ipairs(level_findings(levels[i], read)) do
      found[#found + 1] = finding
    end
  end
  return found
end

-- bounds.findings() of an existing table and everything below it.
function bounds.gaps(conn, name)
  local levels, by_oid = {}, {}
  for _, row in ipairs(require("partdemo.catalog").query(conn, "bounds", name)) do
    local level = by_oid[row.oid]
    if not level then
      level =
        { oid = row.oid, name = row.name, strategy = row.strategy, key = row.key, partitions = {} }
      by_oid[row.oid] = level
      levels[#levels + 1] = level
    end
    if row.partition then
      table.insert(
        level.partitions,
        { name = row.partition, bound = row.bound, detach_pending = row.detach_pending }
      )
    end
  end
  return bounds.findings(conn, levels)
end

return bounds
