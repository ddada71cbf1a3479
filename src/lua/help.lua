-- Help texts and the man page, from the option table.
local options = require "partdemo.options"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local help = {}

-- Wraps words to lines of `width`, each after `indent`.
local function wrap(s, width, indent)
  local lines, line = {}, ""
  for word in s:gmatch "%S+" do
    if line ~= "" and #line + 1 + #word > width - #indent then
      lines[#lines + 1] = indent .. line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = indent .. line
  return table.concat(lines, "\n")
end

local function option_words(option)
  local words = option.short and ("-%s, --%s"):format(option.short, option.long)
    or "    --" .. option.long
  return option.arg and words .. " " .. option.arg or words
end

local function option_help(option)
  return option.choices and ("%s: %s"):format(option.help, table.concat(option.choices, ", "))
    or option.help
end

local function two_columns(rows, room)
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = text.fold(("  %s  %s"):format(text.pad(row[1], room), row[2]), 80, room + 4)
  end
  return table.concat(lines, "\n")
end

local function visible(list)
  local rows = {}
  for _, option in ipairs(list) do
    if not option.hidden then
      rows[#rows + 1] = { option_words(option), option_help(option) }
    end
  end
  return rows
end

local function examples(list)
  local lines = {}
  for i, example in ipairs(list) do
    lines[i] = example[2] == "" and "  " .. example[1]
      or ("  %s\n      %s"):format(example[1], example[2])
  end
  return table.concat(lines, "\n")
end

-- The page of `partdemo help`.
function help.general()
  local commands = {}
  for i, command in ipairs(options.commands) do
    commands[i] = { command.name, command.summary }
  end
  return table.concat({
    ("partdemo - %s"):format(options.summary),
    "",
    "USAGE",
    "  partdemo COMMAND [ARGUMENTS] [OPTIONS]",
    "",
    "COMMANDS",
    two_columns(commands, 12),
    "",
    "OPTIONS",
    two_columns(visible(options.global), 22),
    "",
    "EXAMPLES",
    "  partdemo run setup",
    "      create, fill and partition four tables, on a private PostgreSQL if no",
    "      server is named",
    "  partdemo run setup -d 'host=db.example dbname=lab'",
    "      the same on a server of yours",
    "  partdemo list",
    "      what else can be run",
    "  partdemo help run",
    "      everything about a command",
    "",
    "A value in parentheses is the default. The manual, partdemo(1), also has the",
    "variables of the environment, the files and the exit codes.",
    "",
  }, "\n")
end

-- The page of one command.
function help.command(command)
  local parts = { ("partdemo %s - %s"):format(command.name, command.summary), "", "USAGE" }
  parts[#parts + 1] = ("  partdemo %s%s [OPTIONS]"):format(
    command.name,
    command.args and " " .. command.args or ""
  )
  if command.text then
    parts[#parts + 1] = "\n" .. wrap(command.text, 79, "")
  end
  local own = visible(command.options or {})
  if #own > 0 then
    parts[#parts + 1] = "\nOPTIONS\n" .. two_columns(own, 22)
  end
  if #command.examples > 0 then
    parts[#parts + 1] = "\nEXAMPLES\n" .. examples(command.examples)
  end
  parts[#parts + 1] = "\n'partdemo help' lists the options that every command takes.\n"
  return table.concat(parts, "\n")
end

-- scdoc reads these as markup.
local function escaped(s)
  return (s:gsub("[\\_*#~]", "\\%0"):gsub("%-%-", "\\--"))
end

local function man_options(list)
  local lines = {}
  for _, option in ipairs(list) do
    if not option.hidden then
      local words = option_words(option):match "^%s*(.*)$"
      lines[#lines + 1] = ("*%s*\n\t%s\n"):format(escaped(words), escaped(option_help(option)))
    end
  end
  return table.concat(lines, "\n")
end

local function man_pairs(rows)
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = ("*%s*\n\t%s\n"):format(escaped(row[1]), escaped(row[2]))
  end
  return table.concat(lines, "\n")
end

local function man_command(command)
  local head = command.args and ("%s %s"):format(command.name, command.args) or command.name
  local parts = { ("*%s*"):format(escaped(head)), "\t" .. escaped(command.summary) .. "." }
  if command.text then
    parts[#parts] = ("%s %s"):format(parts[#parts], escaped(command.text))
  end
  local page = table.concat(parts, "\n") .. "\n"
  local own = man_options(command.options or {})
  return own == "" and page or page .. "\n" .. own:gsub("([^\n]+)", "\t%1")
end

-- The man page as scdoc's source.
function help.man()
  local commands, all_examples = {}, {}
  for i, command in ipairs(options.commands) do
    commands[i] = man_command(command)
    for _, example in ipairs(command.examples) do
      all_examples[#all_examples + 1] =
        { example[1], example[2] == "" and command.summary or example[2] }
    end
  end
  return table.concat({
    ('partdemo(1) "partdemo %s"'):format(sys.version),
    "",
    "# NAME",
    "",
    "partdemo - " .. options.summary,
    "",
    "# SYNOPSIS",
    "",
    "*partdemo* _COMMAND_ [_ARGUMENTS_] [_OPTIONS_]",
    "",
    "# DESCRIPTION",
    "",
    escaped(options.description),
    "",
    "# COMMANDS",
    "",
    table.concat(commands, "\n"),
    "# OPTIONS",
    "",
    "Every command takes these. A value in parentheses is the default.",
    "",
    man_options(options.global),
    "# ENVIRONMENT",
    "",
    "Options come before the environment, the environment before the file _.env_ in the working directory.",
    "",
    man_pairs(options.environment),
    "# FILES",
    "",
    man_pairs(options.files),
    "# EXIT STATUS",
    "",
    man_pairs(options.exit_codes),
    "# EXAMPLES",
    "",
    man_pairs(all_examples),
    "# SEE ALSO",
    "",
    "*psql*(1), *pgbench*(1), *prove*(1)",
    "",
  }, "\n")
end

return help
