-- The command line: parse, run the command as the main task, turn failures into exit codes.
local args = require "partdemo.args"
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"

local cli = {}

local function run(words)
  local parsed = args.parse(words)
  report.configure(parsed.options)
  if parsed.options.version then
    report.output(("partdemo %s\n"):format(sys.version))
  elseif parsed.options.help then
    local help = require "partdemo.help"
    report.output(parsed.command and help.command(parsed.command) or help.general())
  elseif not parsed.command then
    fail.raise("usage", "a command is needed", { help = true })
  else
    require("partdemo.commands")[parsed.command.name](parsed)
  end
  report.finish()
end

local function report_failure(e)
  if type(e) == "table" and e.help then
    io.stderr:write(require("partdemo.help").general())
  elseif type(e) == "table" and e.kind == "interrupt" then
    report.note "interrupted"
  elseif type(e) == "table" and e.reader_gone and not e.step then
    return -- as `| head` does: nobody wants the rest. Where a step was cut short, that is told.
  else
    if type(e) == "table" and e.step then
      e.message = ("%s failed: %s"):format(e.step, e.message)
    end
    report.error(e)
  end
end

-- The exit code for the words of the command line.
---@param words string[]
---@return integer
function cli.main(words)
  local ok, e = sched.run(run, words)
  if ok then
    return 0
  end
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  pcall(report_failure, e)
  pcall(report.finish)
  return fail.code(e)
end

return cli
