-- Parses a command line by the option table.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local options = require "partdemo.options"
local text = require "partdemo.text"

local args = {}

local function usage(message, command, hint)
  if not hint and not command then
    hint = "'partdemo help' lists the commands and the options that all of them take."
  elseif not hint then
    hint = ("'partdemo help %s' shows how to use it."):format(command.name)
  end
  fail.raise("usage", message, { hint = hint })
end

local function find(list, field, name)
  for _, option in ipairs(list) do
    if option[field] == name then
      return option
    end
  end
end

local function check_choice(option, value, command)
  for _, choice in ipairs(option.choices or { value }) do
    if choice == value then
      return value
    end
  end
  usage(
    ("--%s takes %s%s"):format(
      option.long,
      table.concat(option.choices, ", "),
      text.did_you_mean(value, option.choices)
    ),
    command
  )
end

-- Splits a word of the command line: name, value of "--name=value", whether it is a long option.
local function split(word)
  if word:find "^%-%-%s" then -- SQL that begins with a comment
    return nil
  end
  local name, value = word:match "^%-%-([^=]+)=?(.*)$"
  if name then
    return name, word:find("=", 1, true) and value, true
  end
  name, value = word:match "^%-(.)(.*)$"
  return name, value ~= "" and value, false
end

-- An option by its name, of whatever command.
local function find_any(field, name)
  local option = find(options.global, field, name)
  for _, command in ipairs(options.commands) do
    option = option or find(command.options or {}, field, name)
  end
  return option
end

-- Takes the command out of the words: the first one that is neither an option nor the value of one.
local function command_of(words)
  local i = 1
  while i <= #words do
    local name, value, long = split(words[i])
    if not name or words[i] == "-" then
      return table.remove(words, i)
    end
    local option = find_any(long and "long" or "short", name)
    if not option then
      return nil -- an unknown option: what follows may be its value
    end
    i = i + ((option.arg and not value) and 2 or 1)
  end
end

-- What to write instead when the command is the name of a scenario, or nil.
local function scenario_hint(name, words)
  local given = os.getenv "PARTDEMO_ROOT"
  for i, word in ipairs(words) do
    given = word:match "^%-%-root=(.+)" or (word == "--root" and words[i + 1]) or given
  end
  local ok, root = pcall(files.root, given)
  for _, each in ipairs(ok and files.scenarios(root) or {}) do
    if each == name then
      local hint =
        "%s is a scenario: 'partdemo run %s' runs it, 'partdemo describe %s' lists its options."
      return hint:format(name, name, name)
    end
  end
end

local function unknown(word, name, long, known, command)
  local names = {}
  local one = long and find(command and command.options or {}, "long", name)
  if one then
    usage(("--%s is for --%s"):format(name, one.with), command)
  end
  for _, option in ipairs(known) do
    names[#names + 1] = long and option.long or option.short
  end
  local near = long and text.nearest(name, names)
  local hint = near and (", did you mean '--%s'?"):format(near) or ""
  usage(("unknown option %s%s"):format(word:match "^[^=]+", hint), command)
end

-- parse(words) -> { command = its table, words = positional ones, options = by long name,
-- params = { { name, value or nil }, ... } }. `run` keeps options that it does not know for the
-- scenario: `--name value`, `--name=value`, `--name`. An
-- option that may come many times has the list of its values.
---@param words string[]
function args.parse(words)
  words = table.move(words, 1, #words, 1, {})
  local name = command_of(words)
  local command = name and options.command(name)
  if name and not command then
    local names = {}
    for i, each in ipairs(options.commands) do
      names[i] = each.name
    end
    local hint = scenario_hint(name, words)
    local near = hint and "" or text.did_you_mean(name, names)
    usage(("unknown command '%s'%s"):format(name, near), nil, hint)
  end

  local parsed = { command = command, words = {}, options = {}, params = {} }
  local known = options.given(options.of(command), words)
  local i = 1
  local function value_of(option, value)
    if not value then
      i = i + 1
      value = words[i]
      if not value then
        local hint = words[i - 1] == "-h" and "-h is --host; --help is the help." or nil
        usage(("--%s needs a value: %s"):format(option.long, option.arg), command, hint)
      end
    end
    return check_choice(option, value, command)
  end
  while i <= #words do
    local word = words[i]
    local option_name, value, long = split(word)
    if not option_name or word == "-" then
      parsed.words[#parsed.words + 1] = word
    else
      local option = find(known, long and "long" or "short", option_name)
      if option and option.arg and option.many then
        local list = parsed.options[option.long] or {}
        list[#list + 1] = value_of(option, value)
        parsed.options[option.long] = list
      elseif option and option.arg then
        parsed.options[option.long] = value_of(option, value)
      elseif option and (value and long) then
        usage(("--%s takes no value"):format(option.long), command)
      elseif option then
        parsed.options[option.long] = true
        if value then -- "-qv": the rest are short options too
          words[i] = "-" .. value
          i = i - 1
        end
      elseif long and command and command.name == "run" and #parsed.words > 0 then
        local follows = words[i + 1]
        if not value and follows and not follows:find "^%-[%a%-]" then -- "-5" is a value
          value = follows
          parsed.params[#parsed.params + 1] = { name = option_name, value = value, separate = true }
          i = i + 1
        else
          parsed.params[#parsed.params + 1] = { name = option_name, value = value or nil }
        end
      else
        unknown(word, option_name, long, known, command)
      end
    end
    i = i + 1
  end
  return parsed
end

return args
