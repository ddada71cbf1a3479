-- Explains one statement: runs EXPLAIN in a transaction that is rolled back, and finds out which leaves
-- of which tables were touched.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local interrupt = require "partdemo.interrupt"
local json = require "partdemo.json"
local occurrences = require "partdemo.occurrences"
local plan = require "partdemo.plan"
local pruning = require "partdemo.pruning"
local relations = require "partdemo.relations"
local sqltext = require "partdemo.sqltext"
local text = require "partdemo.text"

local explain = {}

local PREPARED = "partdemo_explained"
local GENERIC_SINCE = 160000 -- server_version_num: EXPLAIN (GENERIC_PLAN)
local EXPLAINED = "SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE, MERGE and EXECUTE"

-- First words of statements that EXPLAIN does not take; it is the server that says so of what is none.
local refused = {}
for verb in
  ([[ABORT ALTER ANALYZE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE
  DISCARD DO DROP END FETCH GRANT IMPORT LISTEN LOAD LOCK MOVE NOTIFY PREPARE REASSIGN REFRESH REINDEX
  RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SET SHOW START TRUNCATE UNLISTEN VACUUM]]):gmatch "%a+"
do
  refused[verb] = true
end

local function refuse(message, hint)
  fail.raise("usage", message, { hint = hint })
end

-- The only statement of an SQL text, split, and itself. Raises when it is not one that can be explained.
local function only_statement(sql, file)
  if not utf8.len(sql) then
    refuse "the SQL is not UTF-8 text"
  end
  local parsed, e = sqltext.split(sql, {})
  if not parsed then
    e.file, e.class = file, "usage"
    error(e, 0)
  elseif #parsed == 0 then
    refuse("there is no SQL to explain", "'partdemo help explain' shows how to give it.")
  elseif #parsed > 1 then
    refuse(("these are %d statements: one at a time can be explained"):format(#parsed))
  end
  local statement = parsed:statement(1)
  if statement.verb == "EXPLAIN" then
    refuse("EXPLAIN is added by partdemo", "Give the statement without it.")
  elseif refused[statement.verb] then
    refuse(
      ("%s cannot be explained: EXPLAIN takes %s"):format(statement.verb, EXPLAINED),
      statement.verb == "CREATE" and "Explain the query behind AS by itself." or nil
    )
  end
  return parsed, statement
end

local hints = {
  ["42P02"] = "Give the values of $1, $2, ... with --param, or plan without them with --generic.",
  ["57014"] = "Unless you ended it, statement_timeout did: SHOW statement_timeout tells what the role has.",
}

-- Runs PREFIX STATEMENT; an error's position is made to be one in the text that was given.
local function exec_statement(run, prefix, suffix)
  local ok, result = fail.call(run.conn.exec, run.conn, prefix .. suffix)
  while run.opts.on_notice do
    local notice = run.conn:notice()
    if not notice then
      break
    end
    run.opts.on_notice(notice)
  end
  if ok then
    return result
  elseif type(result) == "table" and result.kind ~= "interrupt" then
    result.file = run.opts.file
    result.hint = result.hint or hints[result.sqlstate]
    local place = suffix == run.statement.sql
      and result.position
      and run.parsed:locate(1, result.position - utf8.len(prefix))
    if place then
      result.line, result.column, result.source = place.line, place.column, place.text
      result.caret = text.columns(place.text, place.caret)
    end
  end
  error(result, 0)
end

-- PostgreSQL writes what MERGE did to a partitioned table inside the array of its targets: no JSON.
local function mended(document)
  return (document:gsub('},(\n%s*"Tuples [^%]]*)%]', "}],%1"))
end

-- EXPLAIN's output as nodes and as text.
local function explained(run, options)
  local found = exec_statement(run, ("EXPLAIN (%s, FORMAT JSON) "):format(options), run.target)
  local document = mended(found[1]["QUERY PLAN"])
  local nodes, e = plan.parse(document)
  if not nodes then
    error(e, 0)
  end
  return nodes, document
end

-- Runs f inside a savepoint and takes all of it back, the locks too.
local function undone(conn, f)
  conn:exec "SAVEPOINT partdemo_explain"
  local first, second = f()
  conn:exec "ROLLBACK TO SAVEPOINT partdemo_explain; RELEASE SAVEPOINT partdemo_explain"
  return first, second
end

local function locked(conn)
  return catalog.first(conn, "explain_locked").oids
end

local function oid_set(list)
  local set = {}
  for _, oid in ipairs(json.decode(list)) do
    set[oid] = true
  end
  return set
end

-- Raises what is wrong with the values for the prepared statement: how many there are, or one that is not of its type.
local function check_values(run, values)
  local sql =
    "SELECT array_to_json(parameter_types::text[])::text AS list FROM pg_prepared_statements WHERE name = $1"
  local types = json.decode(run.conn:exec(sql, PREPARED)[1].list)
  if #values ~= #types then
    local message = "the statement has %s, --param was given %s"
    refuse(message:format(text.count(#types, "parameter"), text.count(#values, "time")))
  end
  for i, value in ipairs(values) do
    local ok, e = fail.call(run.conn.exec, run.conn, ("SELECT %s::%s"):format(value, types[i]))
    if not ok and type(e) == "table" and e.sqlstate then
      e.message = ("--param %s, which is $%d: %s"):format(value, i, e.message)
    end
    if not ok then
      error(e, 0)
    end
  end
end

-- What EXPLAIN is asked about: the statement, or the prepared one with its values.
local function prepare(run)
  local opts = run.opts
  run.target = run.statement.sql
  if not opts.params or (opts.generic and #opts.params == 0) then
    if opts.generic and run.conn:info().version < GENERIC_SINCE then
      refuse(
        "a plan without values needs PostgreSQL 16",
        "Give values with --param: then the generic plan can be seen on every version."
      )
    end
    run.generic_option = opts.generic and ", GENERIC_PLAN true" or ""
    return
  end
  run.generic_option = ""
  exec_statement(run, ("PREPARE %s AS "):format(PREPARED), run.statement.sql)
  run.prepared = true
  local values = {}
  for i = 1, opts.params.n or #opts.params do
    local value = opts.params[i]
    values[i] = value == nil and "NULL" or run.conn:literal(tostring(value))
  end
  check_values(run, values)
  run.target = ("EXECUTE %s%s"):format(
    PREPARED,
    #values > 0 and ("(%s)"):format(table.concat(values, ", ")) or ""
  )
end

-- The plan without any pruning names every table and every leaf of it; without indexes it has every
-- condition, also one that a partial index implies.
local function unpruned(run)
  local conn = run.conn
  return undone(conn, function()
    conn:exec "SET LOCAL enable_partition_pruning = off"
    conn:exec "SET LOCAL constraint_exclusion = off"
    conn:exec "SET LOCAL plan_cache_mode = force_custom_plan"
    conn:exec "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off"
    conn:exec "SET LOCAL enable_bitmapscan = off"
    local nodes = explained(run, "VERBOSE true, COSTS false" .. run.generic_option)
    return nodes, locked(conn)
  end)
end

local OPTIONS =
  "ANALYZE %s, VERBOSE true, COSTS true, SETTINGS true, BUFFERS %s, TIMING %s, SUMMARY true"

local function actual(run)
  local analyze = tostring(run.analyze)
  return undone(run.conn, function()
    if run.prepared then
      run.conn:exec(
        ("SET LOCAL plan_cache_mode = force_%s_plan"):format(
          run.opts.generic and "generic" or "custom"
        )
      )
    end
    local counted = run.analyze and run.conn:exec("SHOW track_counts")[1].track_counts == "on"
    local before = counted and occurrences.written(run.conn, run.relations)
    local nodes, document =
      explained(run, OPTIONS:format(analyze, analyze, analyze) .. run.generic_option)
    nodes.written = counted and occurrences.written(run.conn, run.relations, before)
    return nodes, document
  end)
end

-- Planning locks the leaves that it does not prune; what the executor prunes at its start is locked.
local function planned_locks(run)
  return oid_set(undone(run.conn, function()
    if run.prepared and run.opts.generic then
      run.conn:exec "SET LOCAL plan_cache_mode = force_generic_plan"
    end
    explained(run, "VERBOSE true" .. run.generic_option)
    return locked(run.conn)
  end))
end

local function measure(run)
  local conn = run.conn
  local held = oid_set(locked(conn))
  run.pruning_on = conn:exec("SHOW enable_partition_pruning")[1].enable_partition_pruning == "on"
  prepare(run)
  local base, locks = unpruned(run)
  run.relations = relations.read(conn, base, locks)
  local nodes, document = actual(run)
  if not relations.same(run.relations, relations.read(conn, base, locks)) then
    fail.raise(
      "failed",
      "partitions came or went while the statement was explained",
      { hint = "Run it again." }
    )
  end
  local tables = occurrences.find(run.relations, base, nodes, {
    locked = oid_set(locks),
    held = held,
    sql = run.statement.sql,
  })
  pruning.decide(tables, nodes, {
    analyze = run.analyze,
    version = conn:info().version,
    pruning_on = run.pruning_on,
    relations = run.relations,
    conn = conn,
    generic = run.opts.generic,
    planned = function()
      return planned_locks(run)
    end,
  })
  return nodes, document, tables
end

local function buffers(nodes)
  local sum = {}
  for _, name in ipairs { "hit", "read", "dirtied", "written" } do
    local total = 0
    for _, node in ipairs(nodes) do
      if not node.parent then
        total = total + (node[name] or 0) + (node["local_" .. name] or 0)
      end
    end
    sum[name] = total
  end
  return sum
end

local function document_of(nodes, document, tables, analyze)
  local list = json.array {}
  for i, each in ipairs(tables) do
    list[i] = pruning.document(each)
  end
  return {
    schema_version = 1,
    analyze = analyze,
    execution_ms = nodes.execution_ms or json.null,
    planning_ms = nodes.planning_ms or json.null,
    tables = list,
    buffers = buffers(nodes),
    plan = json.decode(document)[1],
  }
end

-- Takes back what the statement did, also when it was interrupted.
local function clean_up(run, inside)
  local conn = run.conn
  local shield <close> = interrupt.shield() -- luacheck: ignore shield
  local status = conn:status()
  if status == "transaction" or status == "failed transaction" then
    pcall(
      conn.exec,
      conn,
      inside
          and "ROLLBACK TO SAVEPOINT partdemo_explain_all; RELEASE SAVEPOINT partdemo_explain_all"
        or "ROLLBACK"
    )
  end
  if run.prepared then
    pcall(conn.exec, conn, "DEALLOCATE " .. PREPARED)
  end
end

-- Explains a statement. Nothing of what it does stays, save what no transaction takes back (sequences).
-- opts: analyze (true), generic, params (a list of values), file (for messages), on_notice(text).
-- Gives the card: the fields of the JSON document and, out of its sight, what card.render() draws.
function explain.run(conn, sql, opts)
  opts = opts or {}
  local parsed, statement = only_statement(sql, opts.file)
  local run = { conn = conn, parsed = parsed, statement = statement, opts = opts }
  run.analyze = opts.analyze ~= false and not (opts.generic and not opts.params)
  local inside = conn:status() == "transaction"
  conn:exec(inside and "SAVEPOINT partdemo_explain_all" or "BEGIN")
  local ok, nodes, document, tables = fail.call(measure, run)
  clean_up(run, inside)
  if not ok then
    error(nodes, 0)
  end
  local card = document_of(nodes, document, tables, run.analyze)
  return setmetatable(card, { __index = { nodes = nodes, occurrences = tables } })
end

return explain
