-- A plain table becomes a partition of a new partitioned table that takes its name: no row is copied. The steps
-- of scenarios/online/convert.lua.
local altered = require "partdemo.online_altered"
local catalog = require "partdemo.catalog"
local convert_back = require "partdemo.online_convert_back"
local convert_swap = require "partdemo.online_convert_swap"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local look = require "partdemo.online_convert_look"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sql = require "partdemo.online_sql"
local swap = require "partdemo.online_swap"
local text = require "partdemo.text"
local whole = require "partdemo.online_whole"

local convert = { params = look.params }

local PROMISE = "partdemo_bound"
local OUTSIDE =
  "They came meanwhile. Move them and run the same command again, or --abort and give another bound."

-- Makes the new table with the further partitions, empty. Within a transaction.
local function make(ctx, change)
  local source, new = change.source, change.new
  sql.run(ctx, "convert_parent", convert_swap.variables(ctx, change))
  for _, each in ipairs(change.not_null) do
    sql.exec(ctx, ("ALTER TABLE %s ALTER %s SET NOT NULL"):format(new.full_name, each.column))
  end
  for _, phase in ipairs { "bare", "index", "end", "attached" } do
    online_table.define(ctx, source, new, phase)
  end
  for _, target in ipairs(change.targets) do
    sql.run(ctx, "convert_leaf", convert_swap.variables(ctx, change, target))
    for _, statement in ipairs(convert_swap.leaf_definition(ctx, change, target)) do
      sql.exec(ctx, statement)
    end
  end
  online_table.identify(ctx, source, new)
  local vars = convert_swap.variables(ctx, change)
  local promise = { sql.run(ctx, "convert_probe", vars)[1].expression }
  sql.exec(ctx, "DROP TABLE " .. vars.probe)
  for _, each in ipairs(change.not_null) do
    promise[#promise + 1] = each.column .. " IS NOT NULL"
  end
  change.promise = #promise > 0 and table.concat(promise, " AND ") or nil
end

-- Notes the run and makes the new table, within a transaction.
local function note_and_make(ctx, change)
  change.run = run.begin(ctx, {
    operation = "convert",
    arguments = look.arguments(ctx.params),
    sources = change.sources,
    phase = "begun",
    details = {},
  })
  make(ctx, change)
  run.note(ctx, change.run, {
    sources = change.sources,
    by = change.by,
    hist = change.hist,
    new = change.new,
    targets = json.array(change.targets),
    not_null = change.not_null,
    key = json.array(change.key),
    promise = change.promise,
    outside = change.outside,
    lines = json.array(online_table.lines(ctx, change.source.oid)),
  })
end

-- Step: look at the table, make the new one aside; or find the run again.
function convert.begin(ctx)
  run.prepare_session(ctx)
  local this = run.resume(ctx, "convert", look.arguments(ctx.params))
  if this then
    ctx.online = look.restore(this)
    return
  end
  local change = look.at(ctx)
  look.introduce(ctx, change)
  look.refuse_outside(ctx, change, "Nothing was changed. Move them, or give another bound.")
  sql.briefly(ctx, "the new table", { change.source.oid }, function()
    note_and_make(ctx, change)
  end)
  ctx.online = look.restore(change.run)
  ctx.online.outside_seconds = change.outside_seconds
end

-- Step: what the new table needs to have before it can take the old one: foreign keys, and wider unique indexes on the
-- old one, built beside its writers.
function convert.build(ctx)
  if run.is_past(ctx, "built") then
    return
  end
  local change = ctx.online
  local source, new = change.source, change.new
  local done = change.run.details.foreign or 0
  local foreign = online_table.whole_definition(ctx, source, new, "foreign")
  for i = done + 1, #foreign do
    sql.briefly(ctx, "a foreign key of the new table", { source.oid }, function()
      sql.exec(ctx, foreign[i].statement)
      run.note(ctx, change.run, { foreign = i })
    end)
  end
  local wider = online_table.definition(ctx, source, new, "wider")
  for _, row in ipairs(wider) do
    convert_swap.build_beside(ctx, source, row.statement)
  end
  report.below(
    #wider == 0 and "every index that the new table has is there"
      or text.count(#wider, "wider index", "wider indexes") .. " built beside the writers"
  )
  run.advance(ctx, change.run, "built")
end

-- Whether PostgreSQL finds that the CHECK implies the bound: tried on an empty table with the same constraints.
local function rehearse(ctx, change)
  local vars, implied = convert_swap.variables(ctx, change), nil
  sql.ladder(ctx, "the rehearsal", { change.source.oid }, function()
    implied = sql.rehearsal(ctx, function()
      sql.run(ctx, "convert_probe_like", vars)
      for _, each in ipairs(change.not_null) do
        sql.exec(ctx, ("ALTER TABLE %s ALTER %s SET NOT NULL"):format(vars.probe, each.column))
      end
      sql.run(ctx, "convert_probe_attach", vars)
      return swap.proofs(ctx.conn)
    end)
  end)
  if implied == 0 and not ctx.plan then
    local message =
      "PostgreSQL would scan %s under the lock: it does not see that the CHECK implies %s"
    fail.raise("check", message:format(change.source.source, change.hist.bound), {
      detail = change.promise,
      hint = "The table has its CHECK still; --abort removes it.",
    })
  end
  report.below "PostgreSQL attaches an empty table with the same constraints without a scan"
end

local function drop_promise(ctx, change)
  sql.briefly(ctx, "the end of the promise", { change.source.oid }, function()
    local drop = "ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %s"
    sql.exec(ctx, drop:format(change.source.source, PROMISE))
  end)
end

local function add_promise(ctx, change)
  local source = change.source
  if not catalog.first(ctx.conn, "constraint_state", source.source, PROMISE) then
    if not ctx.plan then -- which has looked
      look.refuse_outside(ctx, change, OUTSIDE)
    end
    sql.briefly(ctx, "the promise", { source.oid }, function()
      sql.run(ctx, "convert_promise", convert_swap.variables(ctx, change))
    end)
  end
  report.status "validating the CHECK"
  local validate = "ALTER TABLE %s VALIDATE CONSTRAINT %s"
  local ok, e = fail.call(sql.exec, ctx, validate:format(source.source, PROMISE))
  if not ok then
    if type(e) == "table" and e.sqlstate == "23514" then -- a row that came before the CHECK
      drop_promise(ctx, change)
      look.refuse_outside(ctx, change, OUTSIDE)
    end
    error(e, 0)
  end
  report.below "a validated CHECK says that it holds only what its bound allows"
end

-- Step: the table promises by a validated CHECK that it holds only what its bound allows.
function convert.promise(ctx)
  if run.is_past(ctx, "promised") then
    return
  end
  local change = ctx.online
  if change.promise then
    add_promise(ctx, change)
  else
    report.below "a default partition alone needs no CHECK"
  end
  altered.refuse(ctx, change)
  if change.promise then
    rehearse(ctx, change)
  end
  sql.transaction(ctx, nil, function()
    convert_swap.mark(ctx, change)
    run.advance(ctx, change.run, "promised")
  end)
end

-- Step: the new table takes the name, the old one becomes its partition.
function convert.swap(ctx)
  if not run.is_past(ctx, "swapped") then
    convert_swap.run(ctx, ctx.online)
  end
end

-- Step: validate foreign keys that came back NOT VALID, analyze, compare the definitions.
function convert.settle(ctx)
  if run.is_past(ctx, "validated") then
    return
  end
  local change = ctx.online
  local source = change.source
  for _, statement in ipairs(change.run.details.validate or {}) do
    sql.briefly(ctx, "the foreign key", { source.oid }, function()
      sql.exec(ctx, statement)
    end)
  end
  report.status "analyzing"
  sql.exec(ctx, "ANALYZE " .. source.source)
  local oid, is_back = catalog.relation(ctx.conn, source.source).oid, change.run.details.turned
  local lines = online_table.lines(ctx, oid)
  local found = ctx.plan and {}
    or is_back and online_table.difference(change.lines, lines)
    or whole.difference(change, change.lines, lines)
  if #found > 0 then
    fail.raise("check", ("%s is not defined as it was before"):format(source.source), {
      detail = table.concat(found, "\n"),
      hint = "No row is missing. Make up for the difference, and run the same command again.",
    })
  end
  report.below(
    is_back and "the table is defined as before" or "the new table is defined as the old one was"
  )
  run.advance(ctx, change.run, "validated")
end

-- Step: forget the run.
function convert.finish(ctx)
  run.forget(ctx, ctx.online.run)
  report.below "nothing of the run is left"
end

-- Removes the new table, the CHECK and the wider indexes of a run that is not swapped.
local function take_back(ctx, this)
  local change = look.restore(this)
  run.abort(ctx, this)
  drop_promise(ctx, change)
  convert_swap.drop_beside(ctx, change.source)
  -- It locks the tables that its foreign keys refer to.
  sql.briefly(ctx, "the end of the new table", { change.source.oid }, function()
    sql.exec(ctx, "DROP TABLE IF EXISTS " .. change.new.full_name)
  end)
  run.forget(ctx, this)
  report.below "every trace is removed"
end

-- Step of --abort: remove every trace, as long as nothing was swapped; of --undo, too.
function convert.abort(ctx)
  run.prepare_session(ctx)
  local this = run.take_up(ctx, "convert")
  if not this then
    return report.below "there is no run"
  elseif not run.has(this, "swapped") then
    return (this.details.turned and convert_back.give_up or take_back)(ctx, this)
  end
  local message = "the table is partitioned already: there is nothing to abort"
  local hint = "The same command without --abort ends the run."
  if this.details.turned then
    message, hint = "the table is plain again already", "The same command with --undo ends the run."
  elseif run.has(this, "kept") then
    hint = "--undo goes back; the same command without --abort ends the run."
  end
  fail.raise("check", message, { hint = hint })
end

-- Ends a run that was left behind: what is kept goes back, what is swapped is finished, everything else taken back.
function convert.end_left(ctx, this)
  if this.details.turned and this.details.aborted then
    return convert_back.give_up(ctx, this)
  elseif this.details.turned or run.has(this, "kept") then
    for _, step in ipairs { "turn", "build", "swap" } do
      convert_back[step](ctx)
    end
  elseif not run.has(this, "swapped") then
    return take_back(ctx, this)
  else
    ctx.online = look.restore(this)
  end
  convert.settle(ctx)
  convert.finish(ctx)
end

-- For the check of the scenario.
function convert.is_done(conn, params)
  return look.is_done(conn, params)
end

return convert
