-- Performs a query step: explains each query of a file, checks which leaves it read, and times it against the same
-- query on other tables.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local json = require "partdemo.json"
local partitions = require "partdemo.partitions"
local queryfile = require "partdemo.queryfile"
local queryreport = require "partdemo.queryreport"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sqlfile = require "partdemo.sqlfile"

local queries = {}

-- How often both sides are measured in turn, and how long at most; but three times at least.
local ROUNDS, LEAST_ROUNDS, ENOUGH = 15, 3, 2

-- Runs a query's block of statements, with f(sql) in place of the query itself.
local function in_block(conn, list, query, f)
  for i = query.first, query.query - 1 do
    sqlfile.exec(conn, list.parsed, i, list.path)
  end
  local ok, result = fail.call(f, list.parsed:statement(query.query).sql)
  if not ok then
    error(sqlfile.locate(result, list.parsed, query.query, list.path), 0)
  end
  for i = query.query + 1, query.last do
    sqlfile.exec(conn, list.parsed, i, list.path)
  end
  if conn:status() ~= "idle" then
    sqlfile.roll_back(conn)
    fail.raise("failed", ("the query %s leaves a transaction open"):format(query.name), {
      file = list.path,
      line = query.line,
      hint = "End it with COMMIT or ROLLBACK, as psql needs it too.",
    })
  end
  return result
end

-- What one execution costs, without the clock being read for each row: { ms, planning_ms, execution_ms, buffers }.
local function cost(conn, sql)
  local result = conn:exec("EXPLAIN (ANALYZE, TIMING OFF, BUFFERS, FORMAT JSON) " .. sql)
  local plan = json.decode(result[1]["QUERY PLAN"])[1]
  local planning, execution = plan["Planning Time"], plan["Execution Time"]
  return {
    ms = planning + execution,
    planning_ms = planning,
    execution_ms = execution,
    buffers = plan.Plan["Shared Hit Blocks"] + plan.Plan["Shared Read Blocks"],
  }
end

-- Takes back what f does, in the transaction that the block began or in one of its own.
local function undone(conn, f)
  if conn:status() ~= "idle" then
    return f()
  end
  conn:exec "BEGIN"
  local result = f()
  conn:exec "ROLLBACK"
  return result
end

-- One measurement, all of it rolled back. A statement that the block prepares is planned by its first execution,
-- which is not counted.
local function measure_once(conn, list, query)
  return in_block(conn, list, query, function(sql)
    return undone(conn, function()
      local measured = cost(conn, sql)
      return query.query > query.first and cost(conn, sql) or measured
    end)
  end)
end

-- The measurement in the middle by time.
local function median(measured)
  table.sort(measured, function(a, b)
    return a.ms < b.ms
  end)
  local middle = measured[(#measured + 1) // 2]
  middle.times = #measured
  return middle
end

-- Measures the query on each of the lists in turn, warm; the median for each.
local function measure(conn, lists, i)
  local measured = {}
  local begun = sched.now()
  for round = 0, ROUNDS do
    if round > LEAST_ROUNDS and sched.now() - begun > ENOUGH then
      break
    end
    for side, list in ipairs(lists) do
      local one = measure_once(conn, list, list[i])
      measured[side] = measured[side] or {}
      if round > 0 then -- the round before only warms up
        table.insert(measured[side], one)
      end
    end
  end
  for side in ipairs(lists) do
    measured[side] = median(measured[side])
  end
  return table.unpack(measured)
end

-- What a part of `expect` says of a table: a number of leaves, or their names, sorted.
local function expected_of(conn, want, name)
  if type(want) == "function" then
    want = want(partitions.find(conn, name, { estimate = true }))
  end
  if type(want) == "table" then
    table.sort(want)
    return json.array(want)
  end
  return want
end

local function same(want, scanned)
  if type(want) == "number" then
    return want == #scanned
  end
  local sorted = table.move(scanned, 1, #scanned, 1, {})
  table.sort(sorted)
  return table.concat(want, "\n") == table.concat(sorted, "\n")
end

-- What `expect` speaks of: for each name of a table or alias (false: the only partitioned table) what is wanted.
local function wishes(want)
  return type(want) == "table" and want or { [false] = want }
end

-- The tables of the card that a wish of that name is for.
local function meant(card, name)
  local found = {}
  for _, occurrence in ipairs(card.tables) do
    local is_meant = name == occurrence.alias or name == occurrence.table
    if is_meant or not name and occurrence.partitioned then
      found[#found + 1] = occurrence
    end
  end
  return found
end

-- Compares the card with what is expected: { { name, expected, got, ok }, ... } for each table spoken of.
local function judge(conn, want, card, query)
  local judged = {}
  for name, wish in pairs(wishes(want)) do
    local tables = meant(card, name)
    if #tables == 0 then
      fail.raise(
        "check",
        ("the query %s reads no table %s"):format(query.name, name or "with partitions")
      )
    elseif not name and #tables > 1 then
      fail.raise("check", ("the query %s reads several partitioned tables"):format(query.name), {
        hint = "Let expect name them: { one = 1, other = 2 }",
      })
    end
    for _, occurrence in ipairs(tables) do
      local expected = expected_of(conn, wish, occurrence.table)
      judged[#judged + 1] = {
        name = name or query.name,
        expected = expected,
        got = occurrence.scanned,
        ok = same(expected, occurrence.scanned),
      }
    end
  end
  table.sort(judged, function(a, b)
    return a.name < b.name
  end)
  return judged
end

-- A query that has to be refused with an SQLSTATE. Nothing of it stays, whatever comes of it.
local function run_refused(conn, list, query, sqlstate)
  local ok, e = fail.call(in_block, conn, list, query, function(sql)
    undone(conn, function()
      conn:exec(sql)
    end)
  end)
  sqlfile.roll_back(conn)
  if not ok and (type(e) ~= "table" or not e.sqlstate) then
    error(e, 0)
  end
  local got = ok and "no error" or e.sqlstate
  return {
    refused = e and e.message,
    judged = { { name = query.name, expected = sqlstate, got = got, ok = got == sqlstate } },
  }
end

local function run_query(ctx, lists, i, want)
  local explain = require "partdemo.explain"
  local list = lists[1]
  local query = list[i]
  if type(want) == "string" then
    return run_refused(ctx.conn, list, query, want)
  end
  local card = in_block(ctx.conn, list, query, function(sql)
    return explain.run(ctx.conn, sql, { analyze = true })
  end)
  local judged = want ~= nil and judge(ctx.conn, want, card, query) or {}
  local new, old = measure(ctx.conn, lists, i)
  return { card = card, judged = judged, new = new, old = old }
end

-- A done query as the JSON contract has it.
local function document(row)
  local expected, ok = nil, true
  for _, each in ipairs(row.judged) do
    ok = ok and each.ok
    if each.name == row.name then
      expected = each.expected
    else
      expected = expected or {}
      expected[each.name] = each.expected
    end
  end
  return {
    name = row.name,
    file = row.file,
    card = row.card or json.null,
    refused = row.refused,
    expected = expected == nil and json.null or expected,
    ok = ok,
    ms = row.new and row.new.ms,
    planning_ms = row.new and row.new.planning_ms,
    buffers = row.new and row.new.buffers,
    old = row.old and {
      ms = row.old.ms,
      planning_ms = row.old.planning_ms,
      buffers = row.old.buffers,
    } or nil,
  }
end

local function read(path, ctx, names)
  local list, e = queryfile.read(path, require("partdemo.steps").variables(ctx.params), names)
  if not list then
    error(e, 0)
  end
  return list
end

-- What makes a comparison of tables unfair, in words.
local function unfair(conn, compare)
  local lines = {}
  local names = {}
  for name in pairs(compare) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local other = compare[name]
    local here, there = catalog.rows(conn, name), catalog.rows(conn, other)
    if here and there and here ~= there then
      lines[#lines + 1] = queryreport.unequal(name, here, other, there)
    end
    for _, each in ipairs { name, other } do
      if (here or 0) > 0 and not catalog.first(conn, "analyzed", each).analyzed then
        lines[#lines + 1] = queryreport.not_analyzed(each)
      end
    end
  end
  return lines
end

-- Runs the queries of a step's file. ctx.queries gets what came of each; raises a check failure when the leaves are
-- not those expected, after all queries of the file ran.
---@param ctx partdemo.Context
---@param step partdemo.QueryStep
---@param done table  gets `file` and `statements`
function queries.run(ctx, step, done)
  local path = files.sql(ctx.root, ctx.scenario.directory, step.query)
  local lists = { read(path, ctx) }
  lists[2] = step.compare and read(path, ctx, step.compare)
  done.file, done.statements = step.query, #lists[1]
  if #ctx.queries == 0 then
    queryreport.legend()
  end
  local rows, wrong = {}, {}
  for i, query in ipairs(lists[1]) do
    report.status(("query %d of %d: %s"):format(i, #lists[1], query.name))
    local row = run_query(ctx, lists, i, step.expect and step.expect[query.name])
    row.name, row.file, row.comment = query.name, step.query, query.comment
    row.sql = lists[1].parsed:statement(query.query).sql
    rows[i] = row
    ctx.statements = ctx.statements + 1
    table.insert(ctx.queries, document(row))
    for _, each in ipairs(row.judged) do
      wrong[#wrong + 1] = not each.ok and queryreport.mismatch(query.name, each) or nil
    end
  end
  queryreport.print(rows, step.compare and unfair(ctx.conn, step.compare), ctx.memory.shown)
  if #wrong > 0 then
    fail.raise("check", "not the leaves that were expected", { detail = table.concat(wrong, "\n") })
  end
end

return queries
