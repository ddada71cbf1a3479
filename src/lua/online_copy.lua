-- Brings the rows over while writers go on: capture, batches by key, the log, the proof.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local pace = require "partdemo.online_pace"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sql = require "partdemo.online_sql"
local text = require "partdemo.text"
local types = require "partdemo.online_types"

local copy = {}

local DRAIN_LINES = 2000 -- lines of the log in one transaction
local FEW_LINES = 50 -- so little is left to the swap
local DRAIN_TRIES = 20 -- of one that met a foreign key or a deadlock
local MORE_LINES = 8 -- times as many, when a value went to one of the keys from one outside of them
local ALL_LINES = 1 << 40

-- The variables of the SQL files in which rows are moved.
function copy.variables(change)
  local vars, tables, names = { run = tostring(change.run.id) }, {}, {}
  for name, value in pairs(change.source) do
    vars[name] = type(value) ~= "table" and tostring(value) or nil
  end
  vars.values, vars.casts = vars.values or vars.columns, vars.casts or vars.all_columns
  vars.target_casts = vars.target_casts or vars.all_columns
  vars.lossless = vars.lossless or "true"
  for name, value in pairs(change.run.names) do
    vars[name] = value
  end
  for i, source in ipairs(change.sources) do
    -- Partitions may have their columns in different orders: the first one's is that of all.
    tables[i] = ("SELECT %s FROM ONLY %s"):format(change.source.all_columns, source.source)
  end
  for i, each in ipairs(change.members or change.sources) do
    names[i] = each.full_name or each.source
  end
  vars.locked = table.concat(names, ", ONLY ")
  vars.altered = ("%s: triggers, columns or constraints were altered since the run began"):format(
    table.concat(names, ", ")
  )
  vars.rows = change.whole and change.source.source
    or #tables == 1 and "ONLY " .. change.source.source
    or ("(%s)"):format(table.concat(tables, " UNION ALL "))
  return vars
end

-- The bodies of the run's functions, { capture, drain }: from the sources of a change to its router, or another one.
function copy.bodies(ctx, change, router)
  local names, source, vars = change.run.names, change.source, copy.variables(change)
  return catalog.first(
    ctx.conn,
    "online_bodies",
    names.log,
    source.key_log,
    source.key_old,
    source.key_new,
    router or names.router,
    vars.rows,
    source.columns,
    source.key_line_match,
    vars.values
  )
end

-- Installs the triggers; writers wait for the lock no longer than a try lasts.
function copy.capture(ctx, change)
  local names, bodies = change.run.names, copy.bodies(ctx, change)
  local vars = copy.variables(change)
  vars.capture_body, vars.drain_body = bodies.capture, bodies.drain
  sql.set_limits(ctx, vars)
  local oids, relations = {}, change.members or change.sources
  for i, each in ipairs(relations) do
    oids[i] = each.oid
  end
  local tries = sql.briefly(ctx, "the capture of changes", oids, function()
    if change.whole then
      sql.run(ctx, "whole_lock", vars)
    elseif #change.sources > 1 then
      sql.run(ctx, "capture_together", vars)
    end
    sql.run(ctx, "capture_check", vars)
    sql.run(ctx, "capture", vars)
    for _, each in ipairs(change.sources) do
      vars.source = each.source
      sql.run(ctx, "capture_on", vars)
    end
    for _, each in ipairs(relations) do
      vars.source = each.full_name or each.source
      sql.run(ctx, "capture_guard", vars)
    end
    sql.run(ctx, "capture_end", vars)
  end, change.whole)
  change.run.phase = "captured"
  report.say(
    ("      every change leaves its key in %s%s"):format(
      names.log,
      tries > 0 and (" (%s backed out)"):format(text.count(tries, "try", "tries")) or ""
    )
  )
end

local function after_key(conn, source, key)
  if not key then
    return "true"
  end
  local values = {}
  for i, type_name in ipairs(json.decode(source.key_types)) do
    values[i] = ("%s::%s"):format(conn:literal(key[i]), type_name)
  end
  return ("ROW(%s) > ROW(%s)"):format(source.key, table.concat(values, ", "))
end

-- Lets the session find the operators of the key, when they are in schemas of their own: rows are compared by their
-- names. What undoes it.
local function find_operators(ctx, source)
  if not source.key_path then
    return function() end
  end
  local path = ctx.conn:exec("SELECT current_setting('search_path') AS path")[1].path
  local function set(value)
    sql.exec(ctx, ("SELECT set_config('search_path', %s, false)"):format(ctx.conn:literal(value)))
  end
  set(path == "" and source.key_path or path .. ", " .. source.key_path)
  return function()
    set(path)
  end
end

-- Copies in the order of the key, from where an earlier process stopped, at a pace that others can bear.
-- change.variables: other ones than those of a split.
function copy.rows(ctx, change)
  local source, run = change.source, change.run
  local vars = change.variables or copy.variables(change)
  local begun, done_before = sched.now(), run.copied
  local forget_operators = find_operators(ctx, source)
  sql.exec(ctx, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
  local paced = pace.around(ctx, function(paced)
    while true do
      vars.after, vars.size = after_key(ctx.conn, source, run.key), tostring(paced.size)
      local batch_begun = sched.now()
      local batch = ("FROM %s AS t WHERE %s ORDER BY %s LIMIT %s"):format(
        vars.rows,
        vars.after,
        source.key,
        vars.size
      )
      local row = types.explained(ctx, change, batch, function()
        return sql.run(ctx, "copy_batch", vars)[1]
      end)
      if not row then
        return
      end
      local seconds = sched.now() - batch_begun
      run.key, run.copied = json.decode(row.key), row.copied
      local rate = (run.copied - done_before) / (sched.now() - begun)
      report.status(
        ("copied %s of about %s rows, %s rows/s, %s"):format(
          text.number(run.copied),
          text.number(math.max(source.rows, run.copied)),
          text.number(rate // 1 | 0),
          paced:state()
        )
      )
      paced:after_batch(seconds)
    end
  end)
  sql.exec(ctx, "RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort")
  forget_operators()
  report.say(
    ("      %s in %s"):format(text.count(run.copied, "row"), text.seconds(sched.now() - begun))
  )
  local summary = paced:summary()
  if summary then
    report.say(report.fold("      " .. summary, 8))
  end
end

local again = { ["40P01"] = true, ["40001"] = true }
local twice = { ["23505"] = true, ["23P01"] = true } -- of a unique index, of an exclusion constraint

-- Applies the log until little of it is left; how many lines. Each portion is read in one snapshot: when the last one
-- takes all lines of the log, the copies are what the partition was at that moment. A portion of it can have a value
-- twice for a while, which only the lines after it take away from another row.
function copy.drain(ctx, change)
  local most, all, failures = DRAIN_LINES, 0, 0
  local expired = sql.patience(ctx)
  repeat
    sql.remark(ctx, "Apply lines of the log, again until few are left")
    local ok, result = fail.call(sql.snapshot, ctx, function()
      return sql.exec(ctx, ("SELECT %s(%d) AS lines"):format(change.run.names.drain, most))[1].lines
    end)
    local state = not ok and type(result) == "table" and result.sqlstate
    if ok then
      all, failures = all + result, 0
    elseif failures == DRAIN_TRIES or not (again[state] or twice[state]) then
      types.explained(ctx, change, types.logged(copy.variables(change)), function()
        error(result, 0)
      end)
    else
      failures = failures + 1
      most = twice[state] and math.min(most * MORE_LINES, ALL_LINES) or most
    end
    local few = ok and result < FEW_LINES
    if not few then
      expired "changes come faster than they can be applied"
      report.status(("applied %s changes"):format(text.number(all)))
    end
  until few
  return all
end

-- Compares count and content in one snapshot. Raises when they differ: then nothing may be swapped.
function copy.verify(ctx, change)
  local begun = sched.now()
  local vars = copy.variables(change)
  local found = types.explained(ctx, change, types.logged(vars), function()
    return sql.run(ctx, "verify", vars)[1]
  end)
  local same = found.same and found.source_rows == found.target_rows
  if not same then
    fail.raise("check", "the copies are not what the partition holds: nothing was swapped", {
      detail = ("%s in the partition, %s in the new ones, and %s"):format(
        text.count(found.source_rows, "row"),
        text.number(found.target_rows),
        found.source_rows == found.target_rows and "other contents" or "so not the same"
      ),
      hint = "Somebody changed rows while the capture was disabled, or wrote to the new partitions. "
        .. "--abort removes every trace; then begin again.",
    })
  end
  report.say(
    ("      %s, count and content equal in one snapshot, in %s"):format(
      text.count(found.source_rows, "row"),
      text.seconds(sched.now() - begun)
    )
  )
end

return copy
