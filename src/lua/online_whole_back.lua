-- The way back from a migration: the old table is kept with all that is below it, and takes its name again.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local online_names = require "partdemo.online_names"
local online_table = require "partdemo.online_table"
local sql = require "partdemo.online_sql"
local types = require "partdemo.online_types"
local whole = require "partdemo.online_whole"

local whole_back = {}

-- Notes, before anything is changed, what the way back has to give to the old table again.
function whole_back.remember(ctx, members)
  for _, member in ipairs(members) do
    member.triggers = online_table.triggers(ctx, member.oid)
  end
end

-- The old table as what the new one is replaced by: change for the same steps.
function whole_back.reversed(ctx, change)
  local old, schema = change.source, change.run.names.old
  local source = online_names.table(ctx.conn, old.source)
  for field, value in pairs(old) do
    source[field] = field:find "^key" and value or source[field]
  end
  if old.types then
    types.apply(ctx.conn, source, types.reversed(old.types))
    -- Compared as the new types have them: 0.5 in what is kept is 0.50 after a cast there and back.
    source.casts, source.target_casts = nil, old.casts
  end
  local leaves = json.array {}
  for _, member in ipairs(change.members) do
    member.kept = sql.name(ctx.conn, member.name, schema)
    leaves[#leaves + 1] = member.leaf and member.full_name or nil
  end
  return {
    whole = true,
    run = change.run,
    source = source,
    sources = { source },
    members = whole.members(ctx.conn, source.oid),
    new = {
      name = old.name,
      full_name = old.source,
      kept = sql.name(ctx.conn, old.name, schema),
      members = change.members,
      leaves = leaves,
    },
    targets = json.array {},
    lines = change.lines_after or change.lines,
    lines_after = change.lines_after and change.lines,
  }
end

-- Makes the old table one that the run alone writes to; within a transaction.
function whole_back.keep(ctx, change, vars)
  vars.kept = change.new.kept
  sql.run(ctx, "whole_keep", vars)
  for _, member in ipairs(change.new.members) do
    vars.kept = member.kept
    sql.run(ctx, "whole_keep_member", vars)
  end
  vars.kept = nil
end

-- The swap back, as whole.statements().
function whole_back.statements(ctx, change, vars)
  local list, source, new = {}, change.source, change.new
  local function add(statement)
    list[#list + 1] = statement
  end
  local function add_all(rows, field)
    for _, row in ipairs(rows) do
      add(row[field])
    end
  end
  local incoming = catalog.query(ctx.conn, "online_incoming", source.oid)
  add_all(incoming, "take")
  -- It steps aside under a name of the run's, where its sequences can be taken from it.
  local aside = whole.target(ctx.conn, source, "partdemo_back_" .. change.run.id, json.array {})
  local back = { name = new.name, full_name = new.kept, key = json.array {} }
  local statistics = online_table.definition(ctx, source, back, "end")
  local views = online_table.whole_definition(ctx, source, new, "view")
  local outgoing = catalog.query(ctx.conn, "online_outgoing", source.oid, aside.full_name)
  local sequences = online_table.whole_definition(ctx, source, new, "sequence", aside.full_name)
  for _, row in ipairs(online_table.definition(ctx, source, aside, "away")) do
    if row.statement:find "^ALTER" then -- names; its triggers go along
      add(row.statement)
    end
  end
  add(("ALTER TABLE %s RENAME TO %s"):format(source.source, ctx.conn:ident(aside.name)))
  add_all(outgoing, "statement")
  for i = 2, #change.members do
    vars.source = change.members[i].full_name
    add(sql.text(ctx, "whole_away", vars))
  end
  for _, member in ipairs(new.members) do
    vars.kept, vars.schema = member.kept, member.schema
    add(sql.text(ctx, "swap_home", vars))
  end
  add_all(statistics, "final")
  add_all(sequences, "statement")
  vars.source = aside.full_name
  add(sql.text(ctx, "whole_away", vars))
  local away = sql.name(ctx.conn, aside.name, change.run.names.away)
  add(("ALTER TABLE %s RENAME TO %s"):format(away, ctx.conn:ident(source.name)))
  for _, member in ipairs(new.members) do
    table.move(member.triggers, 1, #member.triggers, #list + 1, list)
  end
  add_all(views, "statement")
  local validate, adopt = whole.outgoing(ctx, change, add)
  add_all(incoming, "give")
  for _, key in ipairs(incoming) do
    validate[#validate + 1] = key.validate
  end
  return list, validate, { adopt = adopt }
end

return whole_back
