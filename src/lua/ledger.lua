-- The ledger of a watched load: which keys each entry's writes return, and after the run, whether what the
-- server acknowledged is what the tables hold.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local sqltext = require "partdemo.sqltext"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local ledger = {}

local LEDGER = "pg_temp.partdemo_ledger"
local kinds = { INSERT = "i", UPDATE = "u", DELETE = "d" }

-- The first word of an entry's statement, in upper case; nil for a Lua entry.
local function verb(each)
  return each.insert and "INSERT" or each.sql and each.sql:match("^%s*(%a+)"):upper()
end

-- Nobody knows of a Lua function.
local function writes(each)
  local first = verb(each)
  return first == nil or kinds[first] ~= nil or first == "MERGE"
end

-- By entry, whether a rehearsal looks at its waits: at those of writers, or of all when nobody writes; and whether
-- anybody does.
function ledger.writers(entries)
  local list, any = {}, false
  for i, each in ipairs(entries) do
    list[i] = writes(each)
    any = any or list[i]
  end
  for i in ipairs(any and {} or entries) do
    list[i] = true
  end
  return list, any
end

-- As src/sql/ledger_key.sql quotes: only where it is needed.
local function quoted_list(conn, names)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = conn:exec("SELECT quote_ident($1) AS name", name)[1].name
  end
  return list
end

-- What the writes of an entry return: { table, kind, key = "id" (quoted list), counts = whether that is one
-- integer, columns = { quoted }, returning }; nil when they are not followed, with a reason when they could be.
local function plan_entry(conn, each)
  local first, declared = verb(each), each.ledger
  if not first then
    return nil, ("%s: it is a Lua function"):format(each.name)
  elseif not kinds[first] then
    return nil
  elseif declared == false then
    return nil, ("%s: its mix says so"):format(each.name)
  elseif not each.insert and not declared then
    return nil, ("%s: its mix declares no ledger"):format(each.name)
  end
  declared = declared or {}
  local name = declared.table or each.insert
  local key = catalog.first(conn, "ledger_key", name)
  if declared.key then
    local column = quoted_list(conn, { declared.key })[1]
    key = { key = column, counts = key.key == column and key.counts, readable = key.readable }
  elseif not key.key then
    return nil, ("%s: %s has no key"):format(each.name, name)
  end
  local columns = quoted_list(conn, declared.columns or {})
  if not key.readable then
    return nil, ("%s: the role may not read %s"):format(each.name, name)
  end
  local returned = { key.key, "clock_timestamp()" }
  table.move(columns, 1, #columns, 3, returned)
  return {
    table = name,
    kind = kinds[first],
    key = key.key,
    counts = key.counts,
    columns = columns,
    returning = " RETURNING " .. table.concat(returned, ", "),
  }
end

-- The plans by entry, and why entries that write are not followed.
function ledger.plan(conn, loaded)
  local plans, reasons = {}, {}
  local may = "SELECT has_database_privilege(current_database(), 'TEMP') AS temp"
  local temp = conn:exec(may)[1].temp
  if not temp then
    reasons[1] = "any write: the role may not make temporary tables, which the comparison needs"
  end
  for i, each in ipairs(loaded.entries) do
    local plan, why
    if temp then
      plan, why = plan_entry(conn, each)
    end
    plans[i] = plan or false
    reasons[#reasons + 1] = why
  end
  return plans, reasons
end

-- The entries of each table in the order of the mix: { { name, key, counts, entries = { i, ... } }, ... }.
function ledger.tables(plans)
  local list, by_name = {}, {}
  for i, plan in ipairs(plans) do
    local group = plan and by_name[plan.table]
    if plan and not group then
      group = { name = plan.table, key = plan.key, counts = plan.counts, entries = {} }
      by_name[plan.table] = group
      list[#list + 1] = group
    end
    if group then
      if group.key ~= plan.key then
        local message = "the ledger of %s has two keys, %s and %s"
        fail.raise("usage", message:format(plan.table, group.key, plan.key))
      end
      group.entries[#group.entries + 1] = i
    end
  end
  return list
end

-- Remembers the highest key of each table, so that rows of unknown outcome can be told from older ones.
function ledger.mark(conn, tables)
  for _, group in ipairs(tables) do
    if group.counts then
      local sql = "SELECT coalesce(max(%s), -1) AS top FROM %s"
      group.top = conn:exec(sql:format(group.key, catalog.quoted(conn, group.name)))[1].top
    end
  end
end

-- Runs the embedded statement with its psql variables filled in.
local function run(conn, name, variables)
  local parsed = assert(sqltext.split(assert(sys.embedded(name .. ".sql")), variables))
  return conn:exec(parsed:statement(1).sql)[1]
end

local function columns_of(plans, group)
  local list, seen = {}, {}
  for _, i in ipairs(group.entries) do
    for _, column in ipairs(plans[i].columns) do
      if not seen[column] then
        seen[column] = {}
        list[#list + 1] = column
      end
      seen[column][#seen[column] + 1] = i
    end
  end
  return list, seen
end

-- Copies the lines of a table's entries into a temporary one.
local function copy(conn, log, plans, group, name)
  local columns = columns_of(plans, group)
  local of = #columns > 0 and group.key .. ", " .. table.concat(columns, ", ") or group.key
  conn:exec("DROP TABLE IF EXISTS " .. LEDGER)
  local shape = "CREATE TEMP TABLE partdemo_ledger AS SELECT %s, NULL::timestamptz AS partdemo_at, "
    .. "''::text AS partdemo_kind, 0 AS partdemo_entry FROM %s WITH NO DATA"
  conn:exec(shape:format(of, name))
  for _, i in ipairs(group.entries) do
    local lines, plan = log:ledger(i), plans[i]
    if #lines > 0 then
      local defaults =
        "ALTER TABLE %s ALTER partdemo_kind SET DEFAULT '%s', ALTER partdemo_entry SET DEFAULT %d"
      conn:exec(defaults:format(LEDGER, plan.kind, i))
      local list = { plan.key, "partdemo_at" }
      table.move(plan.columns, 1, #plan.columns, 3, list)
      conn:copy_in(("COPY %s (%s) FROM STDIN"):format(LEDGER, table.concat(list, ", ")))
      conn:copy_put(lines)
      conn:copy_end()
    end
  end
  conn:exec("ANALYZE " .. LEDGER)
end

-- The table and those that the scenario says its rows were moved to, for a FROM clause.
local function present(conn, plans, group, moved)
  local columns = columns_of(plans, group)
  table.insert(columns, 1, group.key)
  local parts, from = {}, { group.name }
  for _, name in ipairs(moved or {}) do
    if catalog.relation(conn, name) then
      from[#from + 1] = name
    end
  end
  for i, name in ipairs(from) do
    parts[i] = ("SELECT %s FROM %s"):format(table.concat(columns, ", "), catalog.quoted(conn, name))
  end
  return "(" .. table.concat(parts, " UNION ALL ") .. ")"
end

-- Rows of the ledger in leaves whose bound they do not satisfy.
local function misplaced(conn, group)
  local name = catalog.quoted(conn, group.name)
  local reached = {}
  local sql =
    "SELECT DISTINCT tableoid::regclass::text AS name FROM %s WHERE (%s) IN (SELECT %s FROM %s)"
  for _, row in ipairs(conn:exec(sql:format(name, group.key, group.key, LEDGER))) do
    reached[row.name] = true
  end
  local count = 0
  for _, leaf in ipairs(catalog.query(conn, "leaf_constraints", group.name)) do
    if reached[leaf.name] and leaf.constraint then
      local wrong = "SELECT count(*) AS n FROM (SELECT * FROM ONLY %s WHERE (%s) IN (SELECT %s FROM %s)) AS r "
        .. "WHERE (%s) IS FALSE"
      wrong = wrong:format(leaf.name, group.key, group.key, LEDGER, leaf.constraint)
      count = count + conn:exec(wrong)[1].n
    end
  end
  return count
end

local function stale(conn, plans, group, from)
  local columns, entries = columns_of(plans, group)
  local count, examples = 0, nil
  for _, column in ipairs(columns) do
    local found = run(conn, "ledger_stale", {
      key = group.key,
      column = column,
      ledger = LEDGER,
      present = from,
      entries = table.concat(entries[column], ", "),
    })
    count, examples = count + found.stale, examples or found.examples
  end
  return count, examples
end

-- Rows of unknown outcome that are there: those with a key that nobody acknowledged and that is higher than
-- any was before. nil: cannot be told.
local function committed_unknown(conn, group, from)
  if not group.top then
    return nil
  end
  local sql =
    "SELECT count(*) AS n FROM %s AS p WHERE %s > %d AND NOT EXISTS (SELECT FROM %s AS l WHERE l.%s = p.%s)"
  return conn:exec(sql:format(from, group.key, group.top, LEDGER, group.key, group.key))[1].n
end

-- Operations of unknown outcome by kind of their entry.
local function unknown_of(plans, group, unknown)
  local count = { i = 0, u = 0, d = 0 }
  for _, i in ipairs(group.entries) do
    local kind = plans[i].kind
    count[kind] = count[kind] + (unknown[i] or 0)
  end
  return count
end

local function reconcile_table(conn, log, plans, group, moved, unknown)
  copy(conn, log, plans, group, catalog.quoted(conn, group.name))
  local from = present(conn, plans, group, moved)
  local row = run(conn, "ledger_state", { key = group.key, ledger = LEDGER, present = from })
  local result = {
    table = group.name,
    key = group.key,
    keys = row.keys,
    lost = row.lost,
    doubled = row.doubled,
    resurrected = row.resurrected,
    examples = row.examples,
    misplaced = misplaced(conn, group),
    unknown = 0,
    undecided = 0,
  }
  local wrong
  result.stale, wrong = stale(conn, plans, group, from)
  result.examples = result.examples or wrong
  local open = unknown_of(plans, group, unknown)
  result.unknown = open.i + open.u + open.d
  if open.i > 0 then
    result.committed = committed_unknown(conn, group, from)
    if not result.committed or result.committed > open.i then
      result.committed, result.undecided = nil, open.i
    end
  end
  -- An update or a delete that nobody answered may have come after the last acknowledged one.
  for _, pair in ipairs { { "stale", open.u }, { "lost", open.d } } do
    local excused = math.min(result[pair[1]], pair[2])
    result[pair[1]] = result[pair[1]] - excused
    result.undecided = result.undecided + excused
  end
  result.ok = result.lost + result.doubled + result.resurrected + result.stale + result.misplaced
    == 0
  return result
end

-- Holds the log's ledger against the tables. moved: the names of tables that rows may have gone to, by table;
-- unknown: operations of unknown outcome by entry. { ok, tables = { ... } }; a table that could not be read has
-- `error` instead of counts.
function ledger.reconcile(conn, log, plans, tables, moved, unknown)
  local result = { ok = true, tables = {} }
  for i, group in ipairs(tables) do
    local ok, row = fail.call(reconcile_table, conn, log, plans, group, moved[group.name], unknown)
    if not ok then
      if type(row) ~= "table" or row.kind ~= "sql" then
        error(row, 0)
      end
      row =
        { table = group.name, ok = false, error = ("%s (%s)"):format(row.message, row.sqlstate) }
    end
    result.tables[i] = row
    result.ok = result.ok and row.ok
  end
  conn:exec("DROP TABLE IF EXISTS " .. LEDGER)
  return result
end

-- What is wrong with a table, in words; nil when nothing is.
function ledger.describe(row)
  if row.error then
    return "not reconciled: " .. text.printable(row.error)
  end
  local words = {}
  for _, what in ipairs { "lost", "doubled", "resurrected", "stale", "misplaced" } do
    words[#words + 1] = row[what] > 0 and ("%s %s"):format(text.number(row[what]), what) or nil
  end
  local examples = row.examples
      and (" (%s %s)"):format(text.printable(row.key), text.printable(row.examples))
    or ""
  return #words > 0 and table.concat(words, ", ") .. examples or nil
end

return ledger
