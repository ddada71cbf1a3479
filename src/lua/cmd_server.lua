-- partdemo server start|status|env|stop|destroy: the private PostgreSQL.
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local server = require "partdemo.server"
local target = require "partdemo.target"

local cmd_server = {}

local function checked(info, e)
  if not info then
    e.class = e.kind ~= "interrupt" and "connect" or nil
    error(e, 0)
  end
  return info
end

-- As a word of a shell; one that needs no quotes stays as it is.
local function word(s)
  return s:match "^[%w_./-]+$" or "'" .. s:gsub("'", [['\'']]) .. "'"
end

local function psql_command(info)
  return ("psql -h %s -p %s -U %s %s"):format(
    word(info.socket),
    info.port,
    word(info.user),
    word(info.database)
  )
end

local function print_status(info)
  if report.is_json() then
    report.json {
      status = info.status,
      state = info.state,
      data = info.data,
      socket = info.socket,
      log = info.log,
      port = math.tointeger(tonumber(info.port)),
      pid = info.pid,
      version = info.version,
      database = info.database,
      user = info.user,
    }
    return
  end
  if info.status == "running" then
    report.result(
      ("running: PostgreSQL %s, pid %d, in %s"):format(info.version, info.pid, info.state)
    )
    report.say("connect: " .. psql_command(info))
  else
    local what = info.version and "PostgreSQL " .. info.version or "no private PostgreSQL"
    report.result(("%s: %s in %s"):format(info.status, what, info.state))
    if info.status == "stopped" or info.status == "crashed" then
      report.say "'partdemo server start' or the next run starts it"
    end
  end
end

local actions = {}

function actions.start(options)
  report.status "starting the private PostgreSQL ..."
  local info = checked(server.start(options))
  info.status = "running"
  if not report.is_json() then
    report.say(
      info.started and (info.created and "created and started" or "started")
        or "was running already"
    )
  end
  print_status(info)
end

function actions.status(options)
  local info = checked(server.status(options))
  print_status(info)
  if not report.is_json() and info.status ~= "absent" then
    report.say("log: " .. info.log)
  end
end

-- For a shell to read: psql, pg_dump and partdemo itself then use the private server.
function actions.env(options)
  local info = checked(server.status(options))
  if info.status ~= "running" then
    fail.raise("connect", "the private PostgreSQL is not running: " .. info.status, {
      hint = "'partdemo server start' starts it.",
    })
  end
  report.result(
    ("export PGHOST=%s PGPORT=%s PGUSER=%s PGDATABASE=%s"):format(
      word(info.socket),
      info.port,
      word(info.user),
      word(info.database)
    )
  )
end

function actions.stop(options)
  report.status "stopping the private PostgreSQL ..."
  local was = checked(server.status(options))
  local info = checked(server.stop(options))
  report.result(was.pid and "stopped; its data is kept in " .. info.state or "was not running")
end

function actions.destroy(options, yes, ask)
  local info = checked(server.status(options))
  if info.status == "absent" then
    report.result "there is no private server"
    return
  end
  local question = ("Remove the private PostgreSQL in %s with all its data?"):format(info.state)
  if not yes and not ask then
    fail.raise("usage", "not confirmed: " .. question, {
      hint = "There is no terminal to ask on; --yes says yes.",
    })
  elseif not yes and not ask(question) then
    fail.raise("usage", "not confirmed, nothing was removed")
  end
  checked(server.destroy(options))
  report.result("removed " .. info.state)
end

-- Performs an action; options: the command line's.
function cmd_server.run(action, options, ask)
  actions[action](target.private_options(options, target.settings(options)), options.yes, ask)
end

return cmd_server
