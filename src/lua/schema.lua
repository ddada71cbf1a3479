-- Validates tables that users write against a description, and reports every mistake at once.
local text = require "partdemo.text"

local schema = {}

-- A description is a type name ("string", "boolean", "integer", "number", "function", "duration"), a
-- function(value, path, report), or a table: { fields = { name = description }, required = { names } },
-- { list = description }, { any = { descriptions, in words } }.

local function kind_of(value)
  return math.type(value) or type(value)
end

local simple = {
  string = function(v)
    return type(v) == "string"
  end,
  boolean = function(v)
    return type(v) == "boolean"
  end,
  integer = function(v)
    return math.type(v) == "integer"
  end,
  number = function(v)
    return type(v) == "number" and v == v
  end,
  ["function"] = function(v)
    return type(v) == "function"
  end,
  duration = function(v)
    return type(v) == "string" and text.duration(v) ~= nil
  end,
}

local walk

local function walk_fields(value, fields, path, report)
  if type(value) ~= "table" then
    return report(path, ("expected a table, got %s"):format(kind_of(value)))
  end
  local names = text.keys(fields.fields)
  local by_name = {}
  for key, item in pairs(value) do
    by_name[tostring(key)] = item
  end
  for _, key in ipairs(text.keys(value)) do
    local of = fields.fields[key]
    if of == nil then
      report(path, ("unknown field '%s'%s"):format(key, text.did_you_mean(key, names)))
    else
      walk(by_name[key], of, path == "" and key or path .. "." .. key, report)
    end
  end
  for _, name in ipairs(fields.required or {}) do
    if value[name] == nil then
      report(path, ("the field '%s' is missing"):format(name))
    end
  end
end

local function walk_list(value, of, path, report)
  if type(value) ~= "table" then
    return report(path, ("expected a list, got %s"):format(kind_of(value)))
  end
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      report(path, ("expected a list, but it has the key '%s'"):format(tostring(key)))
    end
  end
  for i, item in ipairs(value) do
    walk(item, of, ("%s[%d]"):format(path, i), report)
  end
end

function walk(value, of, path, report)
  if type(of) == "function" then
    of(value, path, report)
  elseif type(of) == "string" then
    if not simple[of](value) then
      local hint = of == "duration" and " such as '500ms', '30s', '2m'" or ""
      local article = of:find "^[aeiou]" and "an" or "a"
      report(path, ("expected %s %s%s, got %s"):format(article, of, hint, kind_of(value)))
    end
  elseif of.list then
    walk_list(value, of.list, path, report)
  else
    walk_fields(value, of, path, report)
  end
end

-- All mistakes of value, each "path: what is wrong"; an empty list when there is none.
---@return string[]
function schema.mistakes(value, description)
  local found = {}
  walk(value, description, "", function(path, message)
    found[#found + 1] = path == "" and message or ("%s: %s"):format(path, message)
  end)
  return found
end

schema.walk = walk

-- A description: a value that may wait for the parameters of the run.
function schema.value(v, path, report)
  if type(v) ~= "string" and type(v) ~= "number" and type(v) ~= "function" then
    report(path, "expected a string, a number or a function(params), got " .. type(v))
  end
end

-- A description: five digits or upper-case letters, as PostgreSQL's manual lists them.
function schema.sqlstate(v, path, report)
  if type(v) ~= "string" or not v:find "^[%dA-Z][%dA-Z][%dA-Z][%dA-Z][%dA-Z]$" then
    report(path, ("expected an SQLSTATE such as '23514', got %s"):format(tostring(v)))
  end
end

-- A description: a table of strings by name.
function schema.renames(v, path, report)
  if type(v) ~= "table" then
    return report(path, ("expected a table, got %s"):format(kind_of(v)))
  end
  for key, item in pairs(v) do
    if type(key) ~= "string" or type(item) ~= "string" then
      report(path, ('expected name = "name", got %s = %s'):format(tostring(key), tostring(item)))
    end
  end
end

return schema
