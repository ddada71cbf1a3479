-- Conditions that leaves can be chosen by, in place of ones that compute with the key; only where both
-- are certain to select the same rows.
local expression = require "partdemo.expression"

local rewrite = {}

local months = { month = 1, quarter = 3, year = 12 }

local integers = { smallint = true, integer = true, bigint = true }
local inexact = { numeric = true, ["double precision"] = true, real = true }
local numeric = setmetatable({}, {
  __index = function(_, type)
    return integers[type] or inexact[type]
  end,
})

-- "timestamp without time zone" -> "timestamp"
function rewrite.type_name(type)
  return (type:gsub(" without time zone", ""):gsub("timestamp with time zone", "timestamptz"))
end

-- A condition in fewer words: without the casts that the server adds to literals, without zero times.
function rewrite.shorten(s)
  s = expression.bare(s)
  local out, tokens, skip_to = {}, expression.tokens(s), 0
  local at = 1
  for i, token in ipairs(tokens) do
    if token.at >= skip_to and token.kind == "string" then
      local follows = tokens[i + 1]
      out[#out + 1] = s:sub(at, token.at - 1)
      out[#out + 1] = (token.text:gsub("^('%d+%-%d%d%-%d%d) 00:00:00[%+%-0:]*'$", "%1'"))
      at = token.after
      if follows and follows.text == "::" then
        local _, last = s:find("^::[%a_ ]+[%a_]", follows.at)
        local words = last and s:sub(follows.at, last)
        for _, stop in ipairs { " AND ", " OR " } do
          local cut = words and words:find(stop, 1, true)
          words = cut and words:sub(1, cut - 1) or words
        end
        if words and numeric[words:sub(3)] and token.text:find "^'%-?[%d.]+'$" then
          out[#out] = token.text:sub(2, -2)
        end
        if words then
          at = follows.at + #words
          local brackets = s:match("^[%(%d%)]+", at)
          at = at + (brackets and brackets:find "^%(%d" and #brackets or 0)
          at = at + #(s:match("^%[%]", at) or "")
        end
      end
    end
  end
  out[#out + 1] = s:sub(at)
  return (
    table.concat(out):gsub("%(([%l_][%l%d_$]*)%)::", "%1::"):gsub("::[%a ]+", function(cast)
      return rewrite.type_name(cast)
    end)
  )
end

local function date_of(s)
  local value = expression.literal(s)
  local y, m, d, rest = (value or ""):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if y and (rest == "" or rest:find "^ 00:00:00$" or rest:find "^ 00:00:00[+-]%d%d:?%d*$") then
    return tonumber(y), tonumber(m), tonumber(d)
  end
end

local function iso(y, m, d)
  return os.date("!%Y-%m-%d", os.time { year = y, month = m, day = d, hour = 12, isdst = false })
end

local function range(key, from, to)
  return ("%s >= '%s' AND %s < '%s'"):format(key, from, key, to)
end

local function months_from(key, y, m, n)
  return range(key, iso(y, m, 1), iso(y + (m - 1 + n) // 12, (m - 1 + n) % 12 + 1, 1))
end

-- date_trunc('month', key) = '2024-02-01'
local function of_date_trunc(about, arguments)
  local unit = expression.literal(arguments[1])
  local y, m, d = date_of(about.right)
  if #arguments ~= 2 or not unit or arguments[2] ~= about.key.name or not y then
    return nil
  end
  unit = unit:lower()
  if unit == "day" then
    return range(about.key.name, iso(y, m, d), iso(y, m, d + 1))
  elseif months[unit] and d == 1 and (m - 1) % months[unit] == 0 then
    return months_from(about.key.name, y, m, months[unit])
  end
end

-- EXTRACT(year FROM key) = 2024, date_part('year', key) = 2024
local function of_year(about)
  local year = tonumber((expression.literal(about.right)))
  if year and year == math.floor(year) and year >= 1 and year <= 9998 then
    return months_from(about.key.name, math.floor(year), 1, 12)
  end
end

-- to_char(key, 'YYYY-MM') = '2024-02'
local function of_to_char(about, arguments)
  local format = expression.literal(arguments[2] or "")
  local value = expression.literal(about.right) or ""
  if arguments[1] ~= about.key.name then
    return nil
  end
  local y, m, d = value:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  if format == "YYYY-MM-DD" and y then
    return range(about.key.name, iso(y, m, d), iso(y, m, tonumber(d) + 1))
  end
  y, m = value:match "^(%d%d%d%d)%-(%d%d)$"
  if format == "YYYY-MM" and y and tonumber(m) >= 1 and tonumber(m) <= 12 then
    return months_from(about.key.name, tonumber(y), tonumber(m), 1)
  elseif format == "YYYY" and value:find "^%d%d%d%d$" then
    return months_from(about.key.name, tonumber(value), 1, 12)
  end
end

-- key::date <operator> '2024-02-14'
local function of_date_cast(about)
  local y, m, d = date_of(about.right)
  if not y then
    return nil
  end
  local key, day, next_day = about.key.name, iso(y, m, d), iso(y, m, d + 1)
  local forms = {
    ["="] = range(key, day, next_day),
    [">="] = ("%s >= '%s'"):format(key, day),
    ["<"] = ("%s < '%s'"):format(key, day),
    ["<="] = ("%s < '%s'"):format(key, next_day),
    [">"] = ("%s >= '%s'"):format(key, next_day),
  }
  return forms[about.operator]
end

-- key::numeric = 7
local function of_number_cast(about, type)
  local value = expression.literal(about.right)
  if
    integers[about.key.type]
    and inexact[type]
    and type ~= "real"
    and value
    and value:find "^%-?%d+$"
    and #value < 16
    and (about.operator == "=" or about.operator:find "^[<>]=?$")
  then
    return ("%s %s %s"):format(about.key.name, about.operator, value)
  end
end

local dates = { ["timestamp without time zone"] = true, ["timestamp with time zone"] = true }

-- A predicate for the condition `about` (of predicate.lua), or nil.
local function equivalent(about)
  local key_type = about.key.type
  local inner, type = expression.cast(about.left)
  if inner == about.key.name and type == "date" and dates[key_type] then
    return of_date_cast(about)
  elseif inner == about.key.name and type then
    return of_number_cast(about, type)
  elseif about.operator ~= "=" then
    return nil
  end
  local is_date = dates[key_type] or key_type == "date"
  local source = about.left:match "^EXTRACT%(year FROM (.*)%)$"
  if source == about.key.name and is_date then
    return of_year(about)
  end
  local name, arguments = expression.call(about.left)
  if not name or not is_date then
    return nil
  elseif name == "date_trunc" and key_type ~= "date" then
    return of_date_trunc(about, arguments)
  elseif name == "to_char" then
    return of_to_char(about, arguments)
  elseif
    name == "date_part"
    and expression.literal(arguments[1]) == "year"
    and arguments[2] == about.key.name
  then
    return of_year(about)
  elseif name == "date" and arguments[1] == about.key.name then
    return of_date_cast(about)
  end
end

-- The hint for a condition that computes with the key; nil when there is no certain one.
function rewrite.hint(about)
  local found = equivalent(about)
  local but = found and about.left:find "^to_char%(" and " (years BC apart)" or ""
  return found and ("write %s%s"):format(found, but)
end

return rewrite
