-- `partdemo test`: runs flows, each in a scratch database of its own, and reports in TAP or as one document.
local catalog = require "partdemo.catalog"
local conn = require "partdemo.conn"
local engine = require "partdemo.engine"
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local params = require "partdemo.params"
local report = require "partdemo.report"
local scenario = require "partdemo.scenario"
local sched = require "partdemo.sched"
local sqlfile = require "partdemo.sqlfile"
local tap = require "partdemo.tap"
local target = require "partdemo.target"
local text = require "partdemo.text"

local cmd_test = {}

local RETURN_WAIT = 10 -- seconds for a server that is away when the scratch database is to go

local function is_interrupt(e)
  return type(e) == "table" and e.kind == "interrupt"
end

local function check_may_create(c)
  local sql = "SELECT quote_ident(rolname) AS name, rolcreatedb OR rolsuper AS may "
    .. "FROM pg_roles WHERE rolname = current_user"
  local role = c:exec(sql)[1]
  if not role.may then
    fail.raise("usage", ("the role %s may not create databases"):format(role.name), {
      detail = "Each flow is tested in a database of its own.",
      hint = ("ALTER ROLE %s CREATEDB lets it, or connect as another role."):format(role.name),
    })
  end
end

-- The connection that makes and drops the databases, again when it was lost; nil when the server stays away.
local function admin(run)
  local give_up = sched.now() + RETURN_WAIT
  if fail.call(run.admin.exec, run.admin, "SELECT") then
    return run.admin
  end
  run.admin:close()
  repeat
    local c = conn.connect(run.settings.params, run.keywords)
    if c then
      run.admin = c
      return c
    end
    sched.sleep(0.2)
  until sched.now() > give_up
end

local function drop(run, database)
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  local gone, e = fail.call(function()
    local c = admin(run)
    if not c then
      error({ message = "the server is gone" }, 0)
    end
    c:exec(("DROP DATABASE IF EXISTS %s WITH (FORCE)"):format(c:ident(database)))
  end)
  if not gone then
    run.left = run.left or database
    report.warn(("the database %s could not be dropped: %s"):format(database, tostring(e.message)))
  end
end

local function keep(run, database)
  local info = run.admin:info()
  run.out:comment(
    ("kept: psql -h %s -p %s -U %s -d %s"):format(info.host, info.port, info.user, database)
  )
end

local function keywords_for(run, database)
  local keywords = { dbname = database }
  for key, value in pairs(run.keywords) do
    keywords[key] = keywords[key] or value
  end
  return keywords
end

-- Names the databases that a killed run could not drop, or that were kept; notes which names are taken.
local function look_for_left(run)
  run.taken = {}
  local orphaned = {}
  for _, row in ipairs(catalog.query(run.admin, "left_scratch")) do
    run.taken[row.name] = true
    orphaned[#orphaned + 1] = row.orphaned and row or nil
  end
  if #orphaned > 0 then
    report.warn(
      ("left by earlier runs, killed or with --keep: %s\n  HINT:  DROP DATABASE %s WITH (FORCE) removes %s."):format(
        text.few(orphaned, "name"),
        orphaned[1].name,
        #orphaned == 1 and "it" or "the first"
      )
    )
  end
end

-- A name that no database has: the number of a backend can come again.
local function new_name(run)
  local name
  repeat
    run.made = run.made + 1
    name = ("partdemo_test_%d_%d"):format(run.pid, run.made)
  until not run.taken[name]
  return name
end

-- What is known of a flow without a server, with its mixes looked at.
local function load_flow(run, path)
  local flow = scenario.load(run.root, path)
  local ctx = {
    scenario = flow,
    root = run.root,
    params = params.resolve(flow.name, flow.params, {}, {}),
    options = {},
  }
  require("partdemo.steps").check_mixes(ctx)
  return ctx
end

-- Runs the flow in the database; raises what ended it.
local function run_flow(run, loaded, database)
  run.admin:exec(
    ("CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'"):format(run.admin:ident(database))
  )
  local keywords = keywords_for(run, database)
  local c <close>, e = conn.connect(run.settings.params, keywords)
  if not c then
    e.class = "connect"
    error(e, 0)
  end
  target.prepare(c)
  local ctx = {
    conn = c,
    scenario = loaded.scenario,
    root = run.root,
    params = loaded.params,
    seed = run.seed,
    run_tag = 0, -- the same rows each time
    yes = true, -- there is nothing in the database that could be lost
    always = true,
    settings = run.settings.params,
    keywords = keywords,
    options = run.settings.options,
    on_result = function(from, row)
      row.name = ("%s: %s"):format(from.scenario.name, row.name)
      row.path = row.path or from.scenario.path
      run.out:result(row)
    end,
  }
  local ok, failure = fail.call(engine.run, ctx)
  if not ok and not is_interrupt(failure) then
    sqlfile.roll_back(ctx.conn)
  end
  if ctx.conn ~= c then
    ctx.conn:close() -- a load had to connect again
  end
  if not ok then
    error(failure, 0)
  end
end

-- One file, as load_all() has it. A failure that no result tells of becomes one.
local function test_file(run, file)
  local path = file.path
  local failed_before = run.out.failed
  local database
  local ok, e = fail.call(function()
    if not file.ok then
      error(file.result, 0)
    end
    database = new_name(run)
    run_flow(run, file.result, database)
  end)
  if database and run.keep then
    keep(run, database)
  elseif database then
    drop(run, database)
  end
  if ok then
    return
  elseif is_interrupt(e) then
    error(e, 0)
  end
  if run.out.failed == failed_before then
    run.out:result { name = path, ok = false, error = e, path = path }
  end
  run.code = run.code or (type(e) == "table" and e.class) or "failed"
end

-- The files as { path, ok, result }, result: of load_flow(), or what is wrong; and whether any is good.
local function load_all(run, paths)
  local list, any = {}, false
  for i, path in ipairs(paths) do
    local ok, result = fail.call(load_flow, run, path)
    if not ok and is_interrupt(result) then
      error(result, 0)
    end
    list[i] = { path = path, ok = ok, result = result }
    any = any or ok
  end
  return list, any
end

-- Without a file that can be loaded there is nothing to connect for.
local function test_all(run, parsed)
  local list, any = load_all(run, parsed.words)
  if any then
    run.admin, run.described, run.settings, run.keywords = target.connect(parsed.options)
    run.pid = run.admin:info().pid
    check_may_create(run.admin)
    look_for_left(run)
    run.out:comment("target: " .. run.described)
  end
  for _, file in ipairs(list) do
    run.out:file(file.path)
    test_file(run, file)
  end
end

-- Runs the files of the command line. Raises a failure of the first failed flow's class when not all is well.
function cmd_test.run(parsed, root, seed)
  report.divert(parsed.options.verbose)
  local run = {
    root = root,
    seed = seed,
    keep = parsed.options.keep,
    made = 0,
    out = tap.new(report.is_json()),
  }
  local ok, e = fail.call(test_all, run, parsed)
  if not ok then
    local shield <close> = interrupt.shield() -- luacheck: ignore shield
    run.out:bail(
      is_interrupt(e) and "interrupted" or tostring(type(e) == "table" and e.message or e)
    )
    error(e, 0)
  end
  run.out:finish()
  if run.admin then
    run.admin:close()
  end
  if run.left then
    fail.raise("leftover", ("the scratch database %s is still there"):format(run.left), {
      hint = ("DROP DATABASE %s WITH (FORCE) removes it."):format(run.left),
    })
  elseif run.out.failed > 0 then
    local message = ("%s of %d failed"):format(text.count(run.out.failed, "test"), run.out.count)
    fail.raise(run.code or "check", message)
  end
end

return cmd_test
