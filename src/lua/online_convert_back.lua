-- The way back from a conversion: the old table, which is one of the partitions now, takes its name again, with the
-- rows that the others have got since. Nothing is copied but those.
local altered = require "partdemo.online_altered"
local back = require "partdemo.online_back"
local catalog = require "partdemo.catalog"
local convert_swap = require "partdemo.online_convert_swap"
local fail = require "partdemo.fail"
local json = require "partdemo.json"
local look = require "partdemo.online_convert_look"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local report = require "partdemo.report"
local run = require "partdemo.online_run"
local sql = require "partdemo.online_sql"
local swap = require "partdemo.online_swap"
local text = require "partdemo.text"

local convert_back = {}

local ROWS_A_SECOND = 20000 -- that are moved under the lock, at the least

local GIVE_UP = "--abort gives up the way back and leaves the table as it is."

local function others_of(ctx, change, parent)
  return catalog.query(ctx.conn, "online_convert_others", parent.oid, change.source.oid)
end

-- Step of --keep-old: the run waits for --undo. There is nothing to bring up to date.
function convert_back.keep(ctx)
  local change = ctx.online
  if not change.run.details.keeps then
    fail.raise("usage", "the table was swapped without --keep-old: its way back was not noted", {
      hint = "The same command without --keep-old ends the run.",
    })
  elseif not run.has(change.run, "kept") then
    local parent, lines = catalog.relation(ctx.conn, change.source.source), {}
    for _, row in ipairs(others_of(ctx, change, parent)) do
      lines[tostring(row.oid)] = json.array(online_table.lines(ctx, row.oid))
    end
    sql.transaction(ctx, nil, function()
      run.note(ctx, change.run, {
        lines_after = json.array(online_table.lines(ctx, parent.oid)),
        lines_of_hist = json.array(online_table.lines(ctx, change.source.oid)),
        lines_of_others = lines,
      })
      run.advance(ctx, change.run, "kept")
    end)
  end
  report.below "--undo makes the table plain again; the same command without --keep-old ends the run"
end

-- The partitioned table, as it is now. Raises when the old one is not a partition of it any more.
local function parent_of(ctx, change)
  local parent = online_names.table(ctx.conn, change.source.source)
  local state = parent
    and catalog.first(ctx.conn, "online_attached", parent.oid, change.source.oid).state
  if state ~= "attached" then
    fail.raise(
      "check",
      ("%s is no partition of %s any more"):format(change.hist.name, change.source.source),
      {
        hint = "There is no way back: the same command without --undo ends the run.",
      }
    )
  end
  return parent
end

-- The other partitions go: raises when rows of one are elsewhere, or when it has something of its own.
local function refuse_loss(ctx, change, others)
  local lost = {}
  for _, row in ipairs(others) do
    if row.is_foreign then
      lost[#lost + 1] = row.name .. " is a foreign table"
    end
    local noted = change.lines_of_others[tostring(row.oid)]
    for _, line in
      ipairs(noted and online_table.difference(noted, online_table.lines(ctx, row.oid)) or {})
    do
      lost[#lost + 1] = line:find "^%+" and ("%s has %s"):format(row.name, line:sub(3)) or nil
    end
    for _, own in
      ipairs(noted and {} or catalog.query(ctx.conn, "own_objects", row.name, nil, true))
    do
      lost[#lost + 1] = ("%s has %s"):format(row.name, own.own)
    end
  end
  if #lost > 0 then
    fail.raise(
      "check",
      ("the other partitions of %s would be dropped"):format(change.source.source),
      {
        detail = table.concat(lost, "\n"),
        hint = "Nothing was swapped. Detach them, or drop what they have of their own, and --undo goes on.",
      }
    )
  end
end

-- What is in its place is defined as when the swap was settled, and nothing would be lost with it.
local function refuse_altered(ctx, change, parent)
  local found = online_table.difference(change.lines_after, online_table.lines(ctx, parent.oid))
  local of_hist =
    online_table.difference(change.lines_of_hist, online_table.lines(ctx, change.source.oid))
  table.move(of_hist, 1, #of_hist, #found + 1, found)
  if #found > 0 then
    fail.raise("check", ("%s was altered since the swap"):format(change.source.source), {
      detail = table.concat(found, "\n"),
      hint = "The old table would not have it: take it back and --undo goes on, or end the run without --undo.",
    })
  end
  local shape = { key = json.array {}, expressions = false }
  online_table.refuse_whole(ctx, parent, shape, { widen = true })
  refuse_loss(ctx, change, others_of(ctx, change, parent))
end

-- The rows of the other partitions are moved under the lock, so there may be no more than --stall allows.
local function look_at_rows(ctx, change, parent)
  local names, rows = {}, {}
  for i, row in ipairs(others_of(ctx, change, parent)) do
    names[i], rows[i] = row.name, "SELECT FROM ONLY " .. row.name
  end
  if #rows == 0 then
    return
  end
  local most = math.floor(text.duration(ctx.params.stall) * ROWS_A_SECOND)
  local count = "SELECT count(*) AS n FROM (%s LIMIT %d) AS x"
  local n = ctx.conn:exec(count:format(table.concat(rows, " UNION ALL "), most + 1))[1].n
  if n > most then
    local message = "the other partitions of %s have more than %s"
    fail.raise("check", message:format(change.source.source, text.count(most, "row")), {
      detail = "They would be moved while others wait, and --stall is " .. ctx.params.stall .. ".",
      hint = "--undo with a longer --stall allows more, 1s for "
        .. text.count(ROWS_A_SECOND, "row")
        .. ".",
    })
  end
  report.below(
    ("%s of the other partitions %s moved into it; they are dropped: %s"):format(
      text.count(n, "row"),
      n == 1 and "is" or "are",
      table.concat(names, ", ")
    )
  )
end

-- Step of --undo: from now on the run goes the other way.
function convert_back.turn(ctx)
  run.prepare_session(ctx)
  local this = back.find_kept(ctx, "convert")
  local change = look.restore(this)
  if not run.has(this, "swapped") or not this.details.turned then
    local parent = parent_of(ctx, change)
    refuse_altered(ctx, change, parent)
    look_at_rows(ctx, change, parent)
  end
  if not this.details.turned then
    sql.transaction(ctx, nil, function()
      run.note(ctx, this, { turned = true })
      run.advance(ctx, this, "begun")
    end)
  end
  ctx.online = change
end

-- Errors of the server that say that something has to be moved out of the way first.
local obstacles = {
  ["23505"] = "a unique index that was made wider has allowed what the old one does not",
  ["2BP01"] = "something depends on a partition that is to go", -- its own hint is CASCADE
}

-- What f returns. Raises what is in the way in the words of the one who has to move it.
local function explained(f, ...)
  local ok, e, seconds, tries = fail.call(f, ...)
  if ok then
    return e, seconds, tries
  elseif type(e) == "table" and obstacles[e.sqlstate] then
    fail.raise("check", obstacles[e.sqlstate], {
      detail = ("%s%s"):format(e.message, e.detail and "\n" .. e.detail or ""),
      hint = "Nothing was swapped. Move it out of the way and --undo goes on; " .. GIVE_UP,
    })
  end
  error(e, 0)
end

-- An index that cannot be built does not stay, for writers would go on to meet it.
local function build_beside(ctx, source, statement)
  local ok, e = fail.call(convert_swap.build_beside, ctx, source, statement)
  if not ok and type(e) == "table" and e.sqlstate == "23505" then
    convert_swap.drop_beside(ctx, source)
  end
  if not ok then
    error(e, 0)
  end
end

-- Step of --undo: unique indexes that were made wider are built again as they were, beside the writers.
function convert_back.build(ctx)
  if run.is_past(ctx, "built") then
    return
  end
  local change = ctx.online
  local narrow = change.way_back.narrow
  for _, each in ipairs(narrow) do
    explained(build_beside, ctx, change.source, each.build)
  end
  report.below(
    #narrow == 0 and "every index that it had is there"
      or text.count(#narrow, "unique index", "unique indexes") .. " built beside the writers"
  )
  run.advance(ctx, change.run, "built")
end

-- The swap as one string, and what the run has to know afterwards.
local function statements(ctx, change)
  local source, parent, noted = change.source, parent_of(ctx, change), change.way_back
  local vars = convert_swap.variables(ctx, change)
  -- Noted first, and then compared with what was kept: nothing that comes later is overlooked.
  convert_swap.mark(ctx, change)
  altered.note_what_hangs(ctx, change)
  if not ctx.plan then
    refuse_altered(ctx, change, parent)
  end
  sql.set_limits(ctx, vars)
  vars.altered = ("%s: its triggers, columns or constraints were altered meanwhile"):format(
    source.source
  )
  vars.columns = source.columns
  local list, validate = {}, json.array {}
  local function add(statement, ...)
    list[#list + 1] = select("#", ...) > 0 and statement:format(...) or statement
  end
  local function add_all(rows, field)
    for _, row in ipairs(rows) do
      add(field and row[field] or row)
    end
  end
  local aside = ("partdemo_back_%d"):format(change.run.id)
  local aside_name = sql.name(ctx.conn, aside, source.schema)
  local hist = { name = change.hist.name, full_name = vars.hist }
  local incoming = catalog.query(ctx.conn, "online_incoming", parent.oid)
  add(sql.text(ctx, "convert_back_begin", vars))
  add_all(catalog.query(ctx.conn, "online_convert_locks", parent.oid), "statement")
  add(sql.text(ctx, "convert_sure", vars))
  add_all(incoming, "take")
  add(sql.text(ctx, "convert_back_out", vars))
  add_all(online_table.whole_definition(ctx, parent, hist, "sequence"), "statement")
  add(sql.text(ctx, "convert_back_rows", vars))
  add("ALTER TABLE %s RENAME TO %s", source.source, aside)
  add("ALTER TABLE %s RENAME TO %s", vars.hist, sql.name(ctx.conn, source.name))
  add_all(online_table.whole_definition(ctx, parent, hist, "view"), "statement")
  add("DROP TABLE " .. aside_name)
  add_all(noted.names)
  add_all(noted.narrow, "take")
  for _, each in ipairs(change.not_null) do
    add("ALTER TABLE %s ALTER %s DROP NOT NULL", source.source, each.column)
  end
  add_all(noted.triggers)
  add_all(incoming, "give")
  for _, key in ipairs(incoming) do
    validate[#validate + 1] = key.validate
  end
  local details = { validate = validate }
  vars.details = json.encode(details)
  add(sql.text(ctx, "convert_back_end", vars))
  add "COMMIT"
  return table.concat(list, ";\n"), details
end

-- Step of --undo: the old table is taken out, gets the rows of the others, and takes its name.
function convert_back.swap(ctx)
  if run.is_past(ctx, "swapped") then
    return
  end
  local change = ctx.online
  local hint = "Nothing was swapped: " .. GIVE_UP
  local _, seconds, tries = explained(convert_swap.send, ctx, change, statements, hint)
  swap.say(ctx, seconds, tries, {})
end

-- What --abort does while the way back is not swapped: the table stays partitioned.
function convert_back.give_up(ctx, this)
  local change = look.restore(this)
  run.abort(ctx, this)
  convert_swap.drop_beside(ctx, change.source)
  run.forget(ctx, this)
  report.below "the way back is given up; the table stays as it is"
end

-- Whether the table is plain again; why not.
function convert_back.is_undone(conn, params)
  local found = catalog.relation(conn, params.table)
  if not found then
    return false, "there is no such table"
  end
  return found.kind == "r", found.kind == "p" and "it is partitioned" or nil
end

return convert_back
