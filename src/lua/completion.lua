-- Shell completion scripts, from the option table.
local options = require "partdemo.options"

local completion = {}

local function long_options(command)
  local words = {}
  for _, option in ipairs(options.of(command)) do
    if not option.hidden then
      words[#words + 1] = "--" .. option.long
    end
  end
  return words
end

local function command_names()
  local names = {}
  for i, command in ipairs(options.commands) do
    names[i] = command.name
  end
  return names
end

-- Every option that takes one of a few words: { "--format", { "text", "json" } }.
local function choices()
  local found, seen = {}, {}
  local function add(list)
    for _, option in ipairs(list) do
      if option.choices and not seen[option.long] then
        seen[option.long] = true
        found[#found + 1] = { "--" .. option.long, option.choices }
      end
    end
  end
  add(options.global)
  for _, command in ipairs(options.commands) do
    add(command.options or {})
  end
  return found
end

-- Words that may follow a command, as shell code: its choices, scenarios, or nothing (files).
local function words_after(command)
  if command.choices then
    return table.concat(command.choices, " ")
  elseif command.complete == "scenario" then
    return "$(partdemo list -q 2>/dev/null)"
  elseif command.complete == "command" then
    return table.concat(command_names(), " ")
  end
end

function completion.bash()
  local lines = {
    "# bash completion for partdemo",
    "_partdemo() {",
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word",
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    ("    case $word in %s) command=$word; break ;; esac"):format(
      table.concat(command_names(), "|")
    ),
    "  done",
    "  COMPREPLY=()",
    "  case $prev in",
  }
  local function add(...)
    lines[#lines + 1] = (...):format(select(2, ...))
  end
  for _, choice in ipairs(choices()) do
    add(
      '    %s) COMPREPLY=($(compgen -W "%s" -- "$cur")); return ;;',
      choice[1],
      table.concat(choice[2], " ")
    )
  end
  add "  esac"
  add "  case $command in"
  for _, command in ipairs(options.commands) do
    local words = words_after(command)
    add("    %s)", command.name)
    local own = table.concat(long_options(command), " ")
    add('      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "%s" -- "$cur"))', own)
    if words then
      add('      else COMPREPLY=($(compgen -W "%s" -- "$cur")); fi', words)
    else
      add '      else COMPREPLY=($(compgen -f -- "$cur")); fi'
    end
    add "      ;;"
  end
  local first = table.concat(command_names(), " ") .. " " .. table.concat(long_options(), " ")
  add('    *) COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;', first)
  add "  esac"
  add "}"
  add "complete -o filenames -F _partdemo partdemo"
  return table.concat(lines, "\n") .. "\n"
end

local function zsh_quoted(s)
  return (s:gsub("'", "'\\''"):gsub("([%[%]:])", "\\%1"))
end

local function zsh_options(list)
  local lines = {}
  for _, option in ipairs(list) do
    if not option.hidden then
      local value = option.arg
          and (":%s:%s"):format(
            option.arg,
            option.choices and ("(%s)"):format(table.concat(option.choices, " ")) or "_files"
          )
        or ""
      lines[#lines + 1] = ("    '--%s[%s]%s'"):format(option.long, zsh_quoted(option.help), value)
    end
  end
  return lines
end

function completion.zsh()
  local lines = { "#compdef partdemo", "", "_partdemo() {", "  local -a commands; commands=(" }
  for _, command in ipairs(options.commands) do
    lines[#lines + 1] = ("    '%s:%s'"):format(command.name, zsh_quoted(command.summary))
  end
  lines[#lines + 1] = "  )"
  lines[#lines + 1] = "  if (( CURRENT == 2 )); then _describe command commands; return; fi"
  lines[#lines + 1] = "  case $words[2] in"
  for _, command in ipairs(options.commands) do
    local words = words_after(command)
    lines[#lines + 1] = ("  %s) _arguments \\"):format(command.name)
    for _, line in ipairs(zsh_options(options.of(command))) do
      lines[#lines + 1] = line .. " \\"
    end
    lines[#lines + 1] = ("    '*:argument:%s' ;;"):format(
      words and ("(%s)"):format(words) or "_files"
    )
  end
  lines[#lines + 1] = "  esac"
  lines[#lines + 1] = "}"
  lines[#lines + 1] = ""
  lines[#lines + 1] = '_partdemo "$@"'
  return table.concat(lines, "\n") .. "\n"
end

local function fish_quoted(s)
  return (s:gsub("[\\']", "\\%0"))
end

local function fish_option(lines, option, condition)
  if option.hidden then
    return
  end
  local short = option.short and " -s " .. option.short or ""
  local value = option.arg and " -r" or ""
  if option.choices then
    value = (" -x -a '%s'"):format(table.concat(option.choices, " "))
  end
  local line = "complete -c partdemo%s%s -l %s%s -d '%s'"
  lines[#lines + 1] = line:format(condition, short, option.long, value, fish_quoted(option.help))
end

function completion.fish()
  local lines = { "# fish completion for partdemo", "complete -c partdemo -f" }
  for _, command in ipairs(options.commands) do
    local line = "complete -c partdemo -n __fish_use_subcommand -a %s -d '%s'"
    lines[#lines + 1] = line:format(command.name, fish_quoted(command.summary))
  end
  for _, option in ipairs(options.global) do
    fish_option(lines, option, "")
  end
  for _, command in ipairs(options.commands) do
    local condition = (" -n '__fish_seen_subcommand_from %s'"):format(command.name)
    local words = words_after(command)
    if words then
      lines[#lines + 1] = ("complete -c partdemo%s -a '%s'"):format(
        condition,
        (words:gsub("^%$%((.*)%)$", "(%1)"))
      )
    elseif command.complete == "file" then
      lines[#lines + 1] = ("complete -c partdemo%s -F"):format(condition)
    end
    for _, option in ipairs(command.options or {}) do
      fish_option(lines, option, condition)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return completion
