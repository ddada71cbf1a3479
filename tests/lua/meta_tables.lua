-- lua5.4 meta_tables.lua META_FOLDER < ACCEPTED: compares the fields that the validators accept, a line
-- "CLASS FIELD required|optional KIND" each, with those of the classes in the meta files. Prints what differs,
-- and fails.
local meta = require "meta"

-- How a validator's simple types may begin in a meta file.
local written = {
  string = { "string", '"' },
  boolean = { "boolean" },
  integer = { "integer" },
  number = { "number" },
  duration = { "string" },
  ["function"] = { "fun(", "partdemo.FunctionStep" },
  ["list of string"] = { "string[]" },
}

local function is_written(kind, as)
  local fits = not written[kind]
  for _, start in ipairs(written[kind] or {}) do
    fits = fits or as:sub(1, #start) == start
  end
  return fits
end

local types = meta.all(arg[1])
local wrong = 0

local function differ(format, ...)
  wrong = wrong + 1
  print(format:format(...))
end

local function fields_of(name)
  local class = types["partdemo." .. name]
  if not (class and class.fields) then
    differ("there is no class partdemo.%s", name)
    return {}
  end
  local fields = class.parent == "partdemo.StepCommon" and fields_of "StepCommon" or {}
  for _, field in ipairs(class.fields) do
    fields[field.name] = field
  end
  return fields
end

local accepted = {}
for line in io.lines() do
  local class, name, need, kind = line:match "^(%S+) (%S+) (%S+) (.+)$"
  accepted[class] = accepted[class] or {}
  accepted[class][name] = { optional = need == "optional", kind = kind }
end

for class, fields in pairs(accepted) do
  local described = fields_of(class)
  for name, field in pairs(fields) do
    local found = described[name]
    if not found then
      differ("%s.%s is accepted, but not described", class, name)
    elseif found.optional ~= field.optional then
      differ("%s.%s is %s", class, name, field.optional and "optional" or "required")
    elseif not found.words then
      differ("%s.%s has no description", class, name)
    elseif not is_written(field.kind, found.type) then
      differ("%s.%s is a %s, described as %s", class, name, field.kind, found.type)
    end
  end
  for name in pairs(described) do
    if not fields[name] and name ~= "[integer]" then
      differ("%s.%s is described, but not accepted", class, name)
    end
  end
end
os.exit(wrong == 0 and next(accepted) ~= nil)
