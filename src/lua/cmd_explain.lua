-- partdemo explain: which leaves a statement touches, of how many, and why.
local card = require "partdemo.card"
local explain = require "partdemo.explain"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local report = require "partdemo.report"
local target = require "partdemo.target"

local cmd_explain = {}

local function usage(message)
  fail.raise("usage", message, { hint = "'partdemo help explain' shows how to use it." })
end

-- The SQL text, and the name of the file that it is from.
local function source(parsed)
  local path = parsed.options.file
  if path and #parsed.words > 0 then
    usage "explain takes SQL or --file, not both"
  elseif #parsed.words > 1 then
    usage "explain takes one SQL statement: put it in quotes"
  elseif not path and not parsed.words[1] then
    usage "explain needs an SQL statement"
  elseif path == "-" or parsed.words[1] == "-" then
    return io.stdin:read "a", "stdin"
  elseif path then
    local bytes, why = files.read(path)
    if not bytes then
      usage(why)
    end
    return bytes, path
  end
  return parsed.words[1]
end

-- The session as psql would have it: a policy hides rows, literals are in the role's time zone.
local function usual_session(conn)
  conn:exec "RESET row_security; RESET timezone"
end

function cmd_explain.run(parsed)
  local options = parsed.options
  local sql, file = source(parsed)
  local conn <close>, described = target.connect(options, true)
  if report.is_verbose() then
    report.note("target: " .. described)
  end
  usual_session(conn)
  local found = explain.run(conn, sql, {
    analyze = not options["no-analyze"],
    generic = options.generic,
    params = options.param,
    file = file,
    on_notice = function(notice)
      if report.is_verbose() then
        report.note(notice)
      end
    end,
  })
  if report.is_json() then
    report.json(found)
  else
    report.output(card.render(found) .. "\n")
  end
end

return cmd_explain
