-- Partition bounds: what a scenario writes against what the catalog holds.
local bound = {}

local function list(values)
  local words = {}
  for i, v in ipairs(values) do
    words[i] = tostring(v)
  end
  return table.concat(words, ", ")
end

-- The bound of check.partition's arguments in PostgreSQL's words.
function bound.describe(a)
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

-- Splits the inside of a bound's parentheses into values: quoted ones unquoted, bare words as
-- { keyword = "NULL" }.
local function parse_values(inside)
  local values, at = {}, 1
  while at <= #inside do
    local quoted, after
    if inside:find("^%s*'", at) then
      local from = inside:find("'", at, true) + 1
      local till = from
      while true do
        till = inside:find("'", till, true)
        if inside:sub(till + 1, till + 1) ~= "'" then
          break
        end
        till = till + 2
      end
      quoted, after = inside:sub(from, till - 1):gsub("''", "'"), till + 1
    end
    if quoted then
      values[#values + 1] = quoted
    else
      local word
      word, after = inside:match("^%s*([^,]*)()", at)
      values[#values + 1] = tonumber(word) and word or { keyword = word:match "^(.-)%s*$" }
    end
    at = inside:match("^%s*,()", after) or #inside + 1
  end
  return values
end

-- What a bound in PostgreSQL's words holds: { default = true }, { from = VALUES, to = VALUES }, { values = VALUES }
-- or { modulus, remainder }. A value is a string, or { keyword } for MINVALUE, MAXVALUE, NULL, true and false.
function bound.parse(words)
  local low, high = words:match "^FOR VALUES FROM %((.*)%) TO %((.*)%)$"
  if low then
    return { from = parse_values(low), to = parse_values(high) }
  end
  local inside = words:match "^FOR VALUES IN %((.*)%)$"
  if inside then
    return { values = parse_values(inside) }
  end
  local modulus, remainder = words:match "^FOR VALUES WITH %(modulus (%d+), remainder (%d+)%)$"
  if modulus then
    return { modulus = math.tointeger(modulus), remainder = math.tointeger(remainder) }
  end
  return { default = true }
end

-- One value equal to another as values of a type. Keywords (MINVALUE, NULL) are compared as words.
local function equal(conn, type_name, have, want)
  if type(have) == "table" then
    return have.keyword:upper() == tostring(want):upper()
  end
  local sql = ("SELECT $1::text::%s = $2::text::%s AS same"):format(type_name, type_name)
  return conn:exec(sql, have, tostring(want))[1].same
end

local function same_range(conn, found, a)
  local range = bound.parse(found.bound)
  if not range.from or #range.from ~= 1 then
    return false -- several key columns: not what from and to describe
  end
  return equal(conn, found.parent_key_types, range.from[1], a.from or "MINVALUE")
    and equal(conn, found.parent_key_types, range.to[1], a.to or "MAXVALUE")
end

local function same_list(conn, found, a)
  local have = bound.parse(found.bound).values or {}
  if #have ~= #a.values then
    return false
  end
  for _, want in ipairs(a.values) do
    local seen = false
    for _, each in ipairs(have) do
      seen = seen or equal(conn, found.parent_key_types, each, want)
    end
    if not seen then
      return false
    end
  end
  return true
end

-- Whether the relation `found` (src/sql/relation.sql) has the bound that `a` describes.
function bound.same(conn, found, a)
  if a.default then
    return found.bound == "DEFAULT"
  elseif a.values then
    return same_list(conn, found, a)
  elseif a.modulus then
    local want = ("FOR VALUES WITH (modulus %d, remainder %d)"):format(a.modulus, a.remainder or 0)
    return found.bound == want
  elseif a.from or a.to then
    return same_range(conn, found, a)
  end
  return true
end

return bound
