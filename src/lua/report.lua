-- How things are said: results on stdout; progress, notices and errors on stderr. With --format json
-- stdout holds one JSON document and everything else goes to stderr.
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local sys = require "partdemo.sys"
local table_ = require "partdemo.table"
local text = require "partdemo.text"

local report = {}

local state =
  { format = "text", quiet = false, verbose = false, color = "auto", status_shown = false }

local codes = { red = 31, green = 32, yellow = 33, blue = 34, cyan = 36, gray = 90, bold = 1 }

-- --color, then NO_COLOR, then CLICOLOR_FORCE, then whether the stream is a terminal that can.
local function colour_on(fd)
  local function set(name)
    local value = os.getenv(name)
    return value ~= nil and value ~= ""
  end
  if state.color ~= "auto" then
    return state.color == "always"
  elseif set "NO_COLOR" then
    return false
  elseif set "CLICOLOR_FORCE" and os.getenv "CLICOLOR_FORCE" ~= "0" then
    return true
  end
  return sys.isatty(fd) and os.getenv "TERM" ~= "dumb"
end

---@param opts { format?: string, quiet?: boolean, brief?: boolean, verbose?: boolean, color?: string }
function report.configure(opts)
  state.format = opts.format or "text"
  state.lines = false
  state.quiet = opts.quiet or false
  state.brief = opts.brief or false
  state.verbose = opts.verbose or false
  state.color = opts.color or "auto"
  state.colour = { colour_on(1), colour_on(2) }
end

-- 1 for stdout, 2 for stderr: where text for people goes.
local function stream()
  return (state.format == "json" or state.diverted) and 2 or 1
end

-- Keeps stdout for a command's own output: text for people goes to stderr, or nowhere unless it is shown.
function report.divert(shown)
  state.diverted, state.muted = true, not shown
  state.quiet = state.quiet or not shown
end

local function clear_status()
  if state.status_shown then
    io.stderr:write "\r\27[K"
    state.status_shown = false
  end
end

local EPIPE = 32

local function cannot_write(why, errno)
  fail.raise(
    "failed",
    "cannot write the output: " .. tostring(why),
    { reader_gone = errno == EPIPE }
  )
end

local function write(fd, s)
  clear_status()
  if fd == 2 then
    io.stdout:flush() -- in a log that takes both streams, lines stand in the order in which they were said
  end
  local ok, why, errno = (fd == 1 and io.stdout or io.stderr):write(s)
  if not ok and fd == 1 then
    cannot_write(why, errno)
  end
end

function report.is_json()
  return state.format == "json"
end

function report.is_verbose()
  return state.verbose
end

function report.is_brief()
  return state.brief
end

-- Columns of the terminal: of stdout, else COLUMNS, else 80 on a terminal and 0 (no limit) elsewhere.
function report.width()
  local width = sys.width(1) or tonumber(os.getenv "COLUMNS" or "")
  if width and width >= 1 then
    return math.min(math.max(math.floor(width), 40), 10000)
  end
  return sys.isatty(1) and 80 or 0
end

-- A line folded to the width of the terminal; the lines after the first begin with `indent` blanks, else with two more
-- than the first.
function report.fold(line, indent)
  return text.fold(line, report.width(), indent or #line:match "^ *" + 2)
end

-- Says something below a step, folded.
function report.below(message)
  report.say(report.fold("      " .. message))
end

-- Text in a colour when the stream for people has colours.
function report.paint(s, colour)
  if not colour or not state.colour[stream()] then
    return s
  end
  return ("\27[%dm%s\27[0m"):format(codes[colour], s)
end

-- What f(...) returns; meanwhile the state has a field, which an error takes back, too.
local function during(field, value, f, ...)
  local guard <close> = setmetatable({}, { -- luacheck: ignore guard
    __close = function()
      state[field] = nil
    end,
  })
  state[field] = value
  return f(...)
end

-- Calls f(...) and gives the lines that it would have said.
function report.gather(f, ...)
  local lines = {}
  during("gathered", lines, f, ...)
  return lines
end

-- Calls f(...), during which no line is said; results, notes and errors are as ever.
function report.hush(f, ...)
  return during("hushed", true, f, ...)
end

-- A line for people that --quiet leaves out.
function report.say(line)
  if state.gathered then
    table.insert(state.gathered, line or "")
  elseif state.quiet or state.hushed then
    return
  elseif state.held then
    state.held[#state.held + 1] = line or ""
  else
    write(stream(), (line or "") .. "\n")
  end
end

-- Keeps back the lines of say until release(), so that they can stand below a heading that is known only then.
function report.hold()
  state.held = {}
end

-- Says the heading, if there is one, and then what was kept back.
function report.release(heading)
  local held = state.held or {}
  state.held = nil
  if heading then
    report.say(heading)
  end
  for _, line in ipairs(held) do
    report.say(line)
  end
end

-- A line for people that --brief leaves out too.
function report.detail(line)
  if not state.brief then
    report.say(line)
  end
end

-- A line for people that is always there.
function report.result(line)
  report.release()
  if not state.muted then
    write(stream(), line .. "\n")
  end
end

-- What a command was asked for, on stdout, in any format.
function report.output(s)
  write(1, s)
end

-- A scenario's print().
function report.print(...)
  local words = table.pack(...)
  for i = 1, words.n do
    words[i] = tostring(words[i])
  end
  report.say(table.concat(words, "\t"))
end

-- A notice or hint on stderr.
function report.note(line)
  if not state.quiet then
    write(2, report.fold(line) .. "\n")
  end
end

function report.warn(line)
  write(2, ("%s %s\n"):format(state.colour[2] and "\27[33mwarning:\27[0m" or "warning:", line))
end

-- A line that the next output replaces; only on a terminal.
function report.status(line)
  if state.quiet or not sys.isatty(2) or os.getenv "TERM" == "dumb" then
    return
  end
  clear_status()
  io.stderr:write(text.cut(line, (sys.width(2) or 80) - 1))
  io.stderr:flush()
  state.status_shown = true
end

-- Draws a table (src/bind/table.c) in the width and colours of the stream.
function report.table(spec)
  spec.width = spec.width or report.width()
  spec.ascii = not sys.utf8()
  spec.colour = state.colour[stream()]
  return (table_.render(spec):gsub("\n$", ""))
end

function report.json(document)
  document.schema_version = 1
  report.output(json.encode(document, state.lines and 0 or 2) .. "\n")
end

-- From now on stdout is JSON, one document a line: events as they come, the result as the last one.
function report.use_lines()
  state.format, state.lines = "json", true
end

-- A document of its own that is read while the program runs.
function report.event(document)
  report.json(document)
  report.flush()
end

-- Where an SQL error is: the file's line and the statement's line with a caret.
local function error_place(e)
  local lines = {}
  if e.file then
    local place = e.file
    if e.line then
      place = ("%s:%d"):format(place, e.line)
      place = e.column and ("%s:%d"):format(place, e.column) or place
    end
    lines[#lines + 1] = "  at " .. place
  end
  if e.source then
    local prefix = ("LINE %d: "):format(e.line)
    lines[#lines + 1] = "  " .. prefix .. e.source
    lines[#lines + 1] = "  " .. (" "):rep(#prefix + e.caret) .. "^"
  end
  return lines
end

-- The lines of an error, as psql orders them.
function report.error_lines(e)
  if type(e) ~= "table" then
    return { tostring(e) }
  end
  local first = e.message or "unknown error"
  if e.sqlstate then
    first = ("%s (%s)"):format(first, e.sqlstate)
  end
  local lines = { first }
  for _, line in ipairs(error_place(e)) do
    lines[#lines + 1] = line
  end
  for _, part in ipairs { "detail", "context", "hint" } do
    if e[part] then
      lines[#lines + 1] = ("  %s:  %s"):format(part:upper(), (e[part]:gsub("\n", "\n    ")))
    end
  end
  if e.note then
    lines[#lines + 1] = "  " .. e.note
  end
  if e.traceback and (e.kind == "lua" or state.verbose) then
    lines[#lines + 1] = "  " .. e.traceback:gsub("\n", "\n  ")
  end
  return lines
end

function report.error(e)
  report.release()
  local lines = report.error_lines(e)
  local label = state.colour and state.colour[2] and "\27[31merror:\27[0m" or "error:"
  write(2, ("%s %s\n"):format(label, table.concat(lines, "\n")))
end

-- What was written has left the program; raises when it could not (a full disk, a closed pipe).
function report.flush()
  local ok, why, errno = io.stdout:flush()
  if not ok then
    cannot_write(why, errno)
  end
end

-- The end of all output.
function report.finish()
  clear_status()
  report.flush()
end

report.configure {}

return report
