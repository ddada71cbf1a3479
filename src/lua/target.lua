-- From settings to a connection: the server that is named, else the private one.
local config = require "partdemo.config"
local conn = require "partdemo.conn"
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local server = require "partdemo.server"
local text = require "partdemo.text"

local target = {}

local OLDEST = 140000 -- server_version_num; before it there is no inhdetachpending
-- What a role or a database may have set otherwise. A row that a policy hides would be neither copied
-- nor counted, so let such a query fail; quoted identifiers and shortened floats would deceive the checks. SQL files
-- have backslashes that are nothing but backslashes.
local SESSION = "SELECT set_config('application_name', 'partdemo', false), "
  .. "set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false), "
  .. "set_config('client_min_messages', 'notice', false), "
  .. "set_config('row_security', 'off', false), set_config('quote_all_identifiers', 'off', false), "
  .. "set_config('extra_float_digits', '1', false), set_config('standard_conforming_strings', 'on', false)"
local LOCK_WAIT = 60 -- seconds to wait for another run on the same database

-- Settings from flags, environment and .env (bind/config.c). Raises a usage failure.
function target.settings(options)
  local resolved, e = config.resolve {
    dsn = options.dsn,
    host = options.host,
    port = options.port,
    user = options.user,
    dotenv = ".env",
  }
  if not resolved then
    e.class = "usage"
    error(e, 0)
  end
  for _, warning in ipairs(resolved.warnings) do
    report.warn(warning)
  end
  return resolved
end

-- What bind/server.c needs to find the private server.
function target.private_options(options, settings)
  return {
    state = options.state or settings.options.PARTDEMO_STATE,
    pg_bin = options["pg-bin"] or settings.options.PARTDEMO_PG_BIN,
  }
end

local function start_private(options, settings)
  report.status "looking for the private PostgreSQL ..."
  local info, e = server.start(target.private_options(options, settings))
  if not info then
    e.class = e.kind ~= "interrupt" and "connect" or nil
    error(e, 0)
  end
  if info.started then
    report.note(
      ("started a private PostgreSQL %s in %s; it keeps running, 'partdemo server stop' stops it"):format(
        info.version,
        info.state
      )
    )
  end
  return info
end

local function refuse(class, message, hint)
  fail.raise(class, message, { hint = hint })
end

local function check_server(c, only_reads)
  local info = c:info()
  if info.version < OLDEST then
    refuse(
      "usage",
      ("the server is PostgreSQL %s: partdemo needs 14 or newer"):format(info.version_text)
    )
  elseif only_reads then
    return info
  end
  local state =
    c:exec "SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS ro"
  if state[1].standby then
    refuse("usage", "the server is a standby: it cannot be changed", "Connect to the primary.")
  elseif state[1].ro == "on" then
    refuse("usage", "the session is read-only: default_transaction_read_only is on")
  end
  return info
end

local function connect_failure(e, name)
  e.class = "connect"
  e.detail = e.detail or "The target was " .. name .. "."
  local message = e.message:lower()
  if e.hint then
    return e
  elseif message:find "password authentication failed" or message:find "no password supplied" then
    e.hint = "'partdemo env' shows where the user and the password come from."
  elseif message:find "connection refused" or message:find "no such file" then
    e.hint = "Is the server running? 'partdemo env' shows where host and port come from."
  elseif message:find "does not exist" then
    e.hint = "'partdemo env' shows where the user and the database come from."
  end
  return e
end

-- Sets a new session's parameters to what a run relies on.
function target.prepare(c)
  c:exec(SESSION)
  -- When partdemo is killed its statement ends too. Not every server's system can do that.
  pcall(c.exec, c, "SET client_connection_check_interval = '2s'")
end

-- Connects; the connection, what the target is called, and the settings and keywords for more of them.
-- only_reads: a standby and a read-only session will do. Raises a failure with exit code 2 or 3.
function target.connect(options, only_reads)
  local settings = target.settings(options)
  local private, name
  if settings.private then
    local info = start_private(options, settings)
    private = { host = info.socket, port = info.port, user = info.user, dbname = info.database }
    name = ("private PostgreSQL, database %s, socket %s"):format(info.database, info.socket)
  else
    name = ("%s (%s)"):format(settings.target, settings.origin)
  end
  report.status "connecting ..."
  local c, e = conn.connect(settings.params, private)
  if not c then
    error(connect_failure(e, name), 0)
  end
  local info = check_server(c, only_reads)
  target.prepare(c)
  return c, ("%s, PostgreSQL %s"):format(name, info.version_text), settings, private or {}
end

-- Keeps other runs away from this database until the session ends. Polled, because a session that is
-- blocked in pg_advisory_lock() holds a snapshot that CREATE INDEX CONCURRENTLY would wait for.
function target.lock(c)
  local sql =
    "SELECT pg_try_advisory_lock(hashtext('partdemo'), hashtext(current_database())) AS got"
  local give_up = sched.now() + LOCK_WAIT
  local told = false
  while not c:exec(sql)[1].got do
    local holder = require("partdemo.catalog").first(c, "lock_holder")
    local who = holder and require("partdemo.blockers").describe(holder) or "which just ended"
    if sched.now() > give_up then
      refuse(
        "connect",
        ("another partdemo run works on this database: %s"):format(who),
        "Wait for it to end."
      )
    end
    if not told then
      local note = "another partdemo run works on this database: %s; waiting up to %s"
      report.note(note:format(who, text.seconds(LOCK_WAIT)))
      told = true
    end
    sched.sleep(0.25)
  end
end

-- After a time in which the server may have gone: a run's connection, made again with its lock when it is
-- lost. False when the server did not come back within `seconds`.
function target.restore(ctx, seconds)
  local ok, e = fail.call(ctx.conn.exec, ctx.conn, "SELECT")
  if ok then
    return true
  elseif type(e) ~= "table" or e.kind ~= "connection" then
    error(e, 0)
  end
  local give_up = sched.now() + seconds
  local c = conn.connect(ctx.settings, ctx.keywords)
  while not c and sched.now() < give_up do
    sched.sleep(0.25)
    c = conn.connect(ctx.settings, ctx.keywords)
  end
  if not c then
    return false
  end
  ctx.conn:close()
  ctx.conn = c
  target.prepare(c)
  target.lock(c)
  return true
end

return target
