-- partdemo env: every setting, its value and where that comes from.
local json = require "partdemo.json"
local report = require "partdemo.report"
local server = require "partdemo.server"
local target = require "partdemo.target"

local cmd_env = {}

-- Settings that bind/config.c does not know the flags of.
local flags = { PARTDEMO_ROOT = "root", PARTDEMO_STATE = "state", PARTDEMO_PG_BIN = "pg-bin" }

function cmd_env.run(options)
  local settings = target.settings(options)
  local rows, documents = {}, json.array {}
  for i, setting in ipairs(settings.settings) do
    local flag = flags[setting.key]
    if flag and options[flag] then
      setting.value, setting.origin = options[flag], "flag --" .. flag
    end
    local origin = setting.ignored and setting.origin .. " (not used: no host is named)"
      or setting.origin
    rows[i] = { setting.key, setting.value or "", origin }
    documents[i] = {
      key = setting.key,
      value = setting.value,
      origin = setting.origin,
      ignored = setting.ignored or false,
    }
  end
  local name = settings.target
  if settings.private then
    local info = server.status(target.private_options(options, settings))
    name = ("private PostgreSQL%s"):format(
      info and (" (%s) in %s"):format(info.status, info.state) or ""
    )
  end
  if report.is_json() then
    report.json { target = name, private = settings.private, settings = documents }
    return
  end
  report.output("target: " .. name .. "\n")
  report.output(
    report.table { columns = { { "SETTING" }, { "VALUE" }, { "FROM" } }, rows = rows } .. "\n"
  )
end

return cmd_env
