-- A scenario's parameters: declared in the scenario, given on the command line, checked here.
local fail = require "partdemo.fail"
local options = require "partdemo.options"
local text = require "partdemo.text"

local params = {}

-- Types: what a word of the command line becomes, or nil when it is not of the type.
local parse = {
  string = function(word)
    return word
  end,
  integer = function(word)
    return math.tointeger(tonumber((word:gsub("_", ""))))
  end,
  number = function(word)
    local n = tonumber(word)
    return n and n == n and math.abs(n) < math.huge and n or nil
  end,
  boolean = function(word)
    return ({ ["true"] = true, on = true, yes = true, ["false"] = false, off = false, no = false })[word]
  end,
  duration = function(word)
    return text.duration(word) and word
  end,
}

params.types = text.keys(parse)

local wanted = { integer = "an integer", duration = "a duration such as 500ms or 3s" }

-- Whether a value of a scenario file is of the type.
function params.suits(type_name, value)
  if type_name == "integer" then
    return math.type(value) == "integer"
  elseif type_name == "duration" then
    return type(value) == "string" and text.duration(value) ~= nil
  end
  return type(value) == type_name
end

local function usage(scenario, message, hint)
  hint = hint or ("'partdemo describe %s' lists its parameters."):format(scenario)
  fail.raise("usage", message, { hint = hint })
end

-- A parameter as an option: names have underscores, because psql variables cannot have dashes.
function params.option(name)
  return "--" .. name:gsub("_", "-")
end
local option_of = params.option

-- The parameter that a word of the command line means, with dashes or underscores.
local function find(declared, word)
  local name = word:gsub("%-", "_")
  for _, param in ipairs(declared) do
    if param.name == name then
      return param
    end
  end
end

-- Whether it is one of the words that the parameter takes besides values of its type.
local function is_word(param, value)
  for _, word in ipairs(param.words or {}) do
    if word == value then
      return true
    end
  end
  return false
end

local function value_of(scenario, param, word)
  if is_word(param, word) then
    return word
  end
  local value = parse[param.type](word)
  if value == nil then
    local too_large = param.type == "integer" and word:gsub("_", ""):find "^[+-]?%d+$"
    local takes = wanted[param.type] or "a " .. param.type
    if param.words then
      takes = takes .. ", or " .. table.concat(param.words, " or ")
    end
    local message = too_large and "%s: the number is too large" or "%s takes %s"
    usage(scenario, message:format(option_of(param.name), takes))
  elseif param.min and value < param.min then
    usage(scenario, ("%s is at least %s"):format(option_of(param.name), param.min))
  elseif param.max and value > param.max then
    usage(scenario, ("%s is at most %s"):format(option_of(param.name), param.max))
  end
  return value
end

-- The parameters of a `run` step as params.resolve() takes those of the command line.
function params.words(values)
  local words = {}
  for i, name in ipairs(text.keys(values)) do
    words[i] = { name = name, value = tostring(values[name]) }
  end
  return words
end

-- The values of all declared parameters, by name. given: what args.parse() left for the scenario;
-- words: positional ones, which take the parameters that have `position`.
function params.resolve(scenario, declared, given, words)
  local values, names, named = {}, {}, {}
  for i, param in ipairs(declared) do
    values[param.name] = param.default
    names[i] = option_of(param.name):sub(3)
  end
  local positional = table.move(words, 1, #words, 1, {})
  for _, option in ipairs(options.of(options.command "run")) do
    names[#names + 1] = option.long
  end
  for _, each in ipairs(given) do
    local param = find(declared, each.name)
    if not param then
      for _, option in ipairs(options.command("run").options) do
        if option.with and option.long == each.name then
          local hint = "'partdemo help run' shows how to use it."
          usage(scenario, ("--%s is for --%s"):format(each.name, option.with), hint)
        end
      end
      local near = text.nearest(each.name, names)
      local hint = near and (", did you mean '--%s'?"):format(near) or ""
      usage(scenario, ("%s has no option --%s%s"):format(scenario, each.name, hint))
    end
    named[param.name] = true
    if param.type == "boolean" and (each.separate or each.value == nil) then
      values[param.name] = true
      positional[#positional + 1] = each.separate and each.value or nil
    elseif each.value == nil then
      usage(scenario, ("--%s needs a value"):format(each.name))
    else
      values[param.name] = value_of(scenario, param, each.value)
    end
  end
  for _, param in ipairs(declared) do
    local word = param.position and positional[param.position]
    if word and not named[param.name] then
      values[param.name] = value_of(scenario, param, word)
      positional[param.position] = false
    end
  end
  for _, word in ipairs(positional) do
    if word then
      usage(scenario, ("%s does not take the argument '%s'"):format(scenario, word))
    end
  end
  for _, param in ipairs(declared) do
    if values[param.name] == nil and param.type ~= "boolean" then
      usage(scenario, ("%s needs %s"):format(scenario, option_of(param.name)))
    end
  end
  return values
end

-- Reports what is wrong with the parameters that a scenario declares: each once with a default and limits that
-- suit its type.
function params.check(list, report)
  local seen = {}
  for i, each in ipairs(list) do
    local numeric = each.type == "integer" or each.type == "number"
    if seen[each.name] then
      report(("params[%d].name: there is another parameter '%s'"):format(i, each.name))
    end
    seen[each.name] = true
    if not numeric and (each.min or each.max) then
      report(("params[%d]: min and max are for numbers, not for a %s"):format(i, each.type))
    end
    local default = each.default
    if default ~= nil and not params.suits(each.type, default) and not is_word(each, default) then
      report(("params[%d].default: expected %s"):format(i, each.type))
    end
  end
end

return params
