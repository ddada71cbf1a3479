-- Shell completion scripts, from the option table. The names of scenarios and mixes, and the parameters of a scenario,
-- come from the program when they are asked for: `partdemo list -q`, `list --mixes -q`, `describe -q SCENARIO`.
local options = require "partdemo.options"

local completion = {}

local function visible(list)
  local shown = {}
  for _, option in ipairs(list) do
    shown[#shown + 1] = not option.hidden and option or nil
  end
  return shown
end

local function long_options(command)
  local words = {}
  for i, option in ipairs(visible(options.of(command))) do
    words[i] = "--" .. option.long
  end
  return table.concat(words, " ")
end

local function command_names(separator)
  local names = {}
  for i, command in ipairs(options.commands) do
    names[i] = command.name
  end
  return table.concat(names, separator)
end

-- Every option of the table once by its name; one name means the same in every command that has it.
local function all_options()
  local all, seen = {}, {}
  for i = 0, #options.commands do
    for _, option in ipairs(options.commands[i] and options.commands[i].options or options.global) do
      all[#all + 1] = not seen[option.long] and option or nil
      seen[option.long] = true
    end
  end
  return visible(all)
end

-- "--file|-f" of the options that fit.
local function option_pattern(fits)
  local words = {}
  for _, option in ipairs(all_options()) do
    if fits(option) then
      words[#words + 1] = "--" .. option.long
      words[#words + 1] = option.short and "-" .. option.short
    end
  end
  return table.concat(words, "|")
end

-- A template with ${name} replaced.
local function filled(template, values)
  return (template:gsub("%${(%u+)}", values))
end

---------------------------------------------------------------------------------------------------

local bash = [==[
# bash completion for partdemo
_partdemo() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= scenario= i
  # --name=value comes as three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      ${VALUED}) ((i++)); [[ ${COMP_WORDS[i]} != = ]] || ((i++)) ;;
      -*) ;;
      *)
        if [[ -n $command ]]; then scenario=${COMP_WORDS[i]}; break; fi
        command=${COMP_WORDS[i]}
        ;;
    esac
  done
  local IFS=$'\n'
  COMPREPLY=()
  case $prev in
${VALUES}
  esac
  if [[ $cur == -* ]]; then
    local words
    case $command in
${OPTIONS}
    esac
    if [[ $command == run && -n $scenario ]]; then
      words+=" $("$1" describe -q "$scenario" 2>/dev/null | while read -r i _; do printf '%s ' "$i"; done)"
    fi
    IFS=$' \n'
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case $command in
${WORDS}
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _partdemo partdemo
]==]

local bash_values = {
  file = '$(compgen -f -- "$cur")',
  directory = '$(compgen -d -- "$cur")',
  mix = '$(compgen -W "$("$1" list --mixes -q 2>/dev/null)" -- "$cur") $(compgen -f -X "!*.lua" -- "$cur")',
}

function completion.bash()
  local values, option_lines, words = {}, {}, {}
  for _, option in ipairs(all_options()) do
    if option.arg then
      local found = option.choices
          and ([[$(compgen -W $'%s' -- "$cur")]]):format(table.concat(option.choices, [[\n]]))
        or option.complete and bash_values[option.complete]
        or ""
      local names = (option.short and "-%s|" or "%.0s") .. "--%s"
      local line = "    %s) COMPREPLY=(%s); return ;;"
      values[#values + 1] = line:format(names:format(option.short or "", option.long), found)
    end
  end
  local line = '      %s) words="%s" ;;'
  for i, command in ipairs(options.commands) do
    option_lines[i] = line:format(command.name, long_options(command))
    local offered = command.choices and table.concat(command.choices, " ")
      or command.complete == "command" and command_names " "
    if offered then
      words[#words + 1] = ('    %s) IFS=$\' \\n\'; COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;'):format(
        command.name,
        offered
      )
    elseif command.complete == "scenario" then
      words[#words + 1] = ([==[    %s)
      [[ -n $scenario ]] || COMPREPLY=($(compgen -W "$("$1" list -q 2>/dev/null)" -- "$cur"))
      COMPREPLY+=($(compgen -f -- "$cur"))
      ;;]==]):format(command.name)
    elseif command.complete ~= "file" then
      words[#words + 1] = ("    %s) ;;"):format(command.name)
    end
  end
  option_lines[#option_lines + 1] = line:format("*", long_options())
  words[#words + 1] = ([[    "") IFS=$' \n'; COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;]]):format(
    command_names " "
  )
  return filled(bash, {
    VALUED = option_pattern(function(option)
      return option.arg
    end),
    VALUES = table.concat(values, "\n"),
    OPTIONS = table.concat(option_lines, "\n"),
    WORDS = table.concat(words, "\n"),
  })
end

---------------------------------------------------------------------------------------------------

local zsh = [==[
#compdef partdemo

_partdemo_scenarios() {
  local -a names; names=(${(f)"$(_call_program scenarios partdemo list -q 2>/dev/null)"})
  compadd -a names
  _files -g '*.lua'
}

_partdemo_mixes() {
  local -a names; names=(${(f)"$(_call_program mixes partdemo list --mixes -q 2>/dev/null)"})
  compadd -a names
  _files -g '*.lua'
}

_partdemo() {
  local -a commands own
  local curcontext=$curcontext state line parameter
  typeset -A opt_args
  commands=(
${COMMANDS}
  )
  _arguments -C \
${GLOBAL}
    '1: :->command' '*:: :->words' && return
  if [[ $state == command ]]; then
    _describe -t commands command commands
    return
  fi
  own=()
  case $line[1] in
  run)
    if [[ $CURRENT -gt 2 && $words[2] != -* ]]; then
      for parameter in ${(f)"$(_call_program parameters partdemo describe -q ${(q)words[2]} 2>/dev/null)"}; do
        if [[ $parameter == *' '* ]]; then
          own+=("${parameter% *}:${parameter##* }:_files")
        else
          own+=($parameter)
        fi
      done
    fi
    ;;
  esac
  case $line[1] in
${WORDS}
  esac
}

_partdemo "$@"
]==]

local function zsh_quoted(s)
  return (s:gsub("'", "'\\''"):gsub("([%[%]:])", "\\%1"))
end

local zsh_values = {
  file = "_files",
  directory = "_files -/",
  mix = "_partdemo_mixes",
  scenario = "_partdemo_scenarios",
}

local function zsh_options(list, lines)
  for _, option in ipairs(visible(list)) do
    local value = ""
    if option.arg then
      local action = option.choices and ("(%s)"):format(table.concat(option.choices, " "))
        or zsh_values[option.complete]
        or " "
      value = (":%s:%s"):format(option.arg, action)
    end
    local text = ("[%s]%s"):format(zsh_quoted(option.help), value)
    local many = option.many and "*" or ""
    lines[#lines + 1] = ("    '%s--%s%s' \\"):format(many, option.long, text)
    if option.short then
      lines[#lines + 1] = ("    '-%s%s' \\"):format(option.short, text)
    end
  end
  return lines
end

function completion.zsh()
  local commands, words = {}, {}
  for i, command in ipairs(options.commands) do
    commands[i] = ("    '%s:%s'"):format(command.name, zsh_quoted(command.summary))
    local lines = zsh_options(options.of(command), {
      ("  %s) _arguments \\"):format(command.name),
      command.name == "run" and '    "$own[@]" \\' or nil,
    })
    local action = command.choices
        and ("1:argument:(%s)"):format(table.concat(command.choices, " "))
      or command.complete == "command" and ("1:argument:(%s)"):format(command_names " ")
      or command.complete == "scenario" and "1:scenario:_partdemo_scenarios"
      or command.complete == "file" and "*:file:_files"
      or "*: : "
    lines[#lines + 1] = ("    '%s' ;;"):format(action)
    words[i] = table.concat(lines, "\n")
  end
  return filled(zsh, {
    COMMANDS = table.concat(commands, "\n"),
    GLOBAL = table.concat(zsh_options(options.global, {}), "\n"),
    WORDS = table.concat(words, "\n"),
  })
end

---------------------------------------------------------------------------------------------------

local fish = [[
# fish completion for partdemo
function __partdemo_words
  # The words before the cursor that are neither options nor their values: the command and what it takes.
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
    else if string match -qr -- '^(${VALUED})$' $word
      set skip 1
    else if not string match -q -- '-*' $word
      echo $word
    end
  end
end
function __partdemo_command
  set -l words (__partdemo_words)
  test "$words[1]" = "$argv[1]"; and test (count $words) -ge 1
end
function __partdemo_argument
  set -l words (__partdemo_words)
  __partdemo_command $argv[1]; and test (count $words) -eq 1
end
function __partdemo_parameters
  set -l words (__partdemo_words)
  test (count $words) -ge 2; and partdemo describe -q $words[2] 2>/dev/null | string replace -r ' (.*)' '\t$1'
end
complete -c partdemo -f
complete -c partdemo -n '__partdemo_command run' -a '(__partdemo_parameters)'
]]

local fish_values = {
  file = " -r -F",
  directory = " -x -a '(__fish_complete_directories)'",
  mix = " -r -F -a '(partdemo list --mixes -q 2>/dev/null)'",
}

local function fish_quoted(s)
  return (s:gsub("[\\']", "\\%0"))
end

local function fish_options(list, condition, lines)
  for _, option in ipairs(visible(list)) do
    local short = option.short and " -s " .. option.short or ""
    local value = option.choices and (" -x -a '%s'"):format(table.concat(option.choices, " "))
      or option.arg and (fish_values[option.complete] or " -x")
      or ""
    local line = "complete -c partdemo%s%s -l %s%s -d '%s'"
    lines[#lines + 1] = line:format(condition, short, option.long, value, fish_quoted(option.help))
  end
end

function completion.fish()
  local lines = {}
  for i, command in ipairs(options.commands) do
    local line = "complete -c partdemo -n 'not count (__partdemo_words) >/dev/null' -a %s -d '%s'"
    lines[i] = line:format(command.name, fish_quoted(command.summary))
  end
  fish_options(options.global, "", lines)
  for _, command in ipairs(options.commands) do
    local offered = command.choices and table.concat(command.choices, " ")
      or command.complete == "command" and command_names " "
      or command.complete == "scenario" and "(partdemo list -q 2>/dev/null)"
    local first = (" -n '__partdemo_argument %s'"):format(command.name)
    if offered then
      lines[#lines + 1] = ("complete -c partdemo%s -a '%s'"):format(first, offered)
    end
    if command.complete == "scenario" then
      lines[#lines + 1] = ("complete -c partdemo%s -F"):format(first)
    elseif command.complete == "file" then
      lines[#lines + 1] = ("complete -c partdemo -n '__partdemo_command %s' -F"):format(
        command.name
      )
    end
    fish_options(command.options or {}, (" -n '__partdemo_command %s'"):format(command.name), lines)
  end
  local head = filled(fish, {
    VALUED = option_pattern(function(option)
      return option.arg
    end),
  })
  return head .. table.concat(lines, "\n") .. "\n"
end

return completion
