-- The swap: the only moment in which others wait. All of it is sent as one string, so that its length does
-- not depend on the network.
local altered = require "partdemo.online_altered"
local catalog = require "partdemo.catalog"
local copy = require "partdemo.online_copy"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local online_table = require "partdemo.online_table"
local text = require "partdemo.text"
local types = require "partdemo.online_types"
local whole = require "partdemo.online_whole"
local whole_back = require "partdemo.online_whole_back"

local swap = {}

local MOST_LINES = 2000 -- of the log that the swap takes upon itself
local LONG_WAIT = 1 -- seconds; others may have given something to the table meanwhile

-- Waits until no session is left that cannot see what was copied, and names those that are; for how many seconds.
local function wait_for_snapshots(ctx)
  sql.remark(ctx, "Wait until nobody has a snapshot any more that is older than this transaction")
  local now =
    sql.exec(ctx, "SELECT pg_current_xact_id()::text AS xid, clock_timestamp()::text AS at")[1]
  local expired, remind, begun = sql.patience(ctx), sql.reminder(), sched.now()
  while true do
    local found = catalog.query(ctx.conn, "online_old_snapshots", now.xid, now.at)
    if #found == 0 then
      return sched.now() - begun
    end
    local why = "a snapshot from before the copy would miss rows after the swap: "
      .. sql.describe_sessions(found)
    expired(why)
    remind(why .. "; waiting")
    sched.sleep(0.05)
  end
end

-- Whether the old partitions are kept up to date after the swap.
local function keeps(ctx, change)
  return ctx.params.keep_old and not change.run.details.turned
end

-- What is new, by the names after the swap.
local function final_names(ctx, change)
  if change.whole then
    return whole.final_names(ctx, change)
  end
  local names = {}
  for i, target in ipairs(change.targets) do
    names[i] = sql.name(ctx.conn, target.final, change.source.schema)
  end
  return names
end

-- The statements that capture what changes in the new partitions from the swap on. Those of a new table get the
-- trigger from it.
local function capture(ctx, change, vars, list)
  for i, name in ipairs(final_names(ctx, change)) do
    vars.source = name
    list[#list + 1] = (i == 1 or not change.whole) and sql.text(ctx, "capture_on", vars) or nil
    list[#list + 1] = sql.text(ctx, "capture_guard", vars)
  end
end

-- Statements of the swap besides those in files, in order.
local function statements(ctx, change, vars)
  local list, incoming = {}, catalog.query(ctx.conn, "online_incoming", change.source.parent_oid)
  local function add(statement)
    list[#list + 1] = statement
  end
  for _, key in ipairs(incoming) do
    add(key.take)
  end
  for _, source in ipairs(change.sources) do
    vars.source = source.source
    add(sql.text(ctx, "swap_away", vars))
  end
  add "SET LOCAL client_min_messages = debug1"
  for _, target in ipairs(change.targets) do
    vars.target, vars.bound, vars.kept = target.full_name, target.bound, target.kept
    if target.kept then
      add(sql.text(ctx, "swap_home", vars))
    end
    add(sql.text(ctx, "swap_in", vars))
  end
  add "SET LOCAL client_min_messages = notice"
  if change.default_promise then
    add(("ALTER TABLE %s DROP CONSTRAINT %s"):format(change.source.default_partition, vars.promise))
  end
  for _, target in ipairs(change.targets) do
    if target.kept then
      table.move(target.triggers, 1, #target.triggers, #list + 1, list)
    else
      for _, row in ipairs(online_table.definition(ctx, change.source, target, "attached")) do
        add(row.statement)
      end
    end
    if target.final ~= target.name then
      for _, phase in ipairs { "key", "index" } do
        for _, row in ipairs(online_table.definition(ctx, change.source, target, phase)) do
          add(row.final)
        end
      end
      add(("ALTER TABLE %s RENAME TO %s"):format(target.full_name, ctx.conn:ident(target.final)))
    end
  end
  local validate = {}
  for _, key in ipairs(incoming) do
    add(key.give)
    validate[#validate + 1] = key.validate
  end
  return list, validate, {}
end

-- The notices of the last statement: how many tables were attached without a scan, and others to show.
local function proofs(conn)
  local implied = 0
  for notice in
    function()
      return conn:notice()
    end
  do
    if
      notice:find("partition constraint for table", 1, true) and notice:find("implied", 1, true)
    then
      implied = implied + 1
    elseif notice:find "^WARNING" then
      report.note("      " .. notice)
    end
  end
  return implied
end
swap.proofs = proofs

-- Says how long a swap took and after how many tries; proof.of: what PostgreSQL attached, proof.implied of them by
-- their CHECK.
function swap.say(ctx, seconds, tries, proof)
  local took = ("      swapped in %s: nobody waited longer"):format(text.seconds(seconds))
  if tries > 0 then
    took = ("      swapped in %s; %s backed out before, after %s at most"):format(
      text.seconds(seconds),
      text.count(tries, "try", "tries"),
      ctx.params.stall
    )
  end
  report.say(took)
  if seconds > text.duration(ctx.params.stall) then
    report.warn(("that was longer than --stall %s"):format(ctx.params.stall))
  end
  if proof.of then
    local attached = "      PostgreSQL attached %d of %s without a scan: "
      .. '"partition constraint is implied by existing constraints"'
    report.say(report.fold(attached:format(proof.implied, proof.of), 6))
  end
end

-- The swap as one string for the server, and what the run has to know afterwards. Made for each try: what hangs on the
-- table can be another thing by then.
function swap.statements(ctx, change)
  local vars = copy.variables(change)
  altered.before_swap(ctx, change)
  if change.default_promise then
    vars.locked = ("%s, ONLY %s"):format(vars.locked, change.source.default_partition)
  end
  sql.set_limits(ctx, vars)
  vars.most = tostring(MOST_LINES)
  local begin = sql.text(ctx, "swap_begin", vars)
  local of = not change.whole and statements
    or change.new.kept and whole_back.statements
    or whole.statements
  local list, validate, details = of(ctx, change, vars)
  details.validate, details.keeps = json.array(validate), keeps(ctx, change) or false
  if details.keeps then
    capture(ctx, change, vars, list)
  end
  vars.details = json.encode(details)
  vars.parent_name = ctx.conn:literal(change.source.parent)
  local attached = final_names(ctx, change)
  for i, name in ipairs(attached) do
    attached[i] = ctx.conn:literal(name)
  end
  vars.attached = table.concat(attached, ", ")
  table.insert(list, 1, begin)
  list[#list + 1] = sql.text(ctx, "swap_end", vars)
  return table.concat(list, ";\n"), details
end

-- Swaps the old partition for the new ones. change: source, targets, run, default_promise. Tries again until
-- every lock comes in time: a try that spends most of --stall on locks and the log backs out. Once it has come to the
-- statements that swap, giving up would cost others as much as going on, so it goes on and says how long it was.
function swap.run(ctx, change)
  local statement, details
  local oids = { change.source.parent_oid }
  for _, each in ipairs(change.members or change.sources) do
    oids[#oids + 1] = each.oid
  end
  local seconds, implied
  local logged = types.logged(copy.variables(change))
  local tries = types.explained(ctx, change, logged, function()
    return sql.ladder(ctx, "the swap", oids, function()
      -- First, as it takes a while with many partitions; again when what it looked at is old.
      statement, details = swap.statements(ctx, change)
      copy.drain(ctx, change)
      if wait_for_snapshots(ctx) > LONG_WAIT then
        statement, details = swap.statements(ctx, change)
      end
      copy.drain(ctx, change)
      sql.remark(ctx, "Note up to when the log is applied")
      sql.exec(ctx, "SELECT set_config('partdemo.applied', pg_current_xact_id()::text, false)")
      local begun = sched.now()
      local ok, e = fail.call(sql.exec, ctx, statement)
      seconds = sched.now() - begun
      implied = proofs(ctx.conn)
      if not ok then
        error(e, 0)
      end
    end, true)
  end)
  change.run.phase = "swapped"
  for name, value in pairs(details) do
    change.run.details[name] = value
  end
  swap.say(ctx, seconds, tries, {
    implied = implied,
    of = not change.whole and text.count(#change.targets, "new partition") or nil,
  })
end

return swap
