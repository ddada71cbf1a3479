-- The end of a load run, for people and as JSON.
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"

local loadreport = {}

local BUSY = 0.9 -- share of a processor at which a worker thread itself is the bottleneck

local function ms(seconds)
  return ("%.2f"):format(seconds * 1000)
end

local function row(name, e, elapsed)
  local cells = {
    name,
    text.number(e.ops),
    ("%.1f"):format(e.rows / elapsed),
    text.number(e.failed),
    text.number(e.retries),
  }
  for _, which in ipairs { "p50", "p95", "p99", "max" } do
    cells[#cells + 1] = e.ops > 0 and ms(e.due[which]) or "-"
  end
  return cells
end

local function total(result)
  local sum = { ops = 0, rows = 0, failed = 0, retries = 0, due = result.due }
  for _, e in ipairs(result.entries) do
    for _, key in ipairs { "ops", "rows", "failed", "retries" } do
      sum[key] = sum[key] + e[key]
    end
  end
  return sum
end

local function print_entries(result)
  local rows = {}
  for i, e in ipairs(result.entries) do
    rows[i] = row(result.mix.entries[i].name, e, result.elapsed)
  end
  rows[#rows + 1] = row("total", total(result), result.elapsed)
  local columns = { { "ENTRY" } }
  for _, heading in ipairs {
    "OPS",
    "ROWS/S",
    "ERRORS",
    "RETRIES",
    "P50 MS",
    "P95 MS",
    "P99 MS",
    "MAX MS",
  } do
    columns[#columns + 1] = { heading, right = true }
  end
  report.result("\n" .. report.table { columns = columns, rows = rows })
end

local function print_errors(result)
  local rows = {}
  for i, e in ipairs(result.entries) do
    for _, state in ipairs(text.keys(e.errors)) do
      rows[#rows + 1] = { result.mix.entries[i].name, state, text.number(e.errors[state]) }
    end
  end
  if #rows > 0 then
    local columns = { { "ENTRY" }, { "SQLSTATE" }, { "ERRORS", right = true } }
    report.result("\n" .. report.table { columns = columns, rows = rows })
  end
end

-- The kinds of writes that there were, for the columns.
local function kinds_of_writes(partitions)
  local kinds = {}
  for _, kind in ipairs { "inserted", "updated", "deleted" } do
    local n = 0
    for _, each in ipairs(partitions) do
      n = n + each[kind]
    end
    kinds[#kinds + 1] = n > 0 and kind or nil
  end
  return kinds
end

local function print_partitions(result)
  local kinds, rows = kinds_of_writes(result.partitions), {}
  local columns = { { "LEAF REACHED" } }
  for _, kind in ipairs(kinds) do
    columns[#columns + 1] = { kind:upper(), right = true }
  end
  for _, each in ipairs(result.partitions) do
    local cells, n = { each.name }, 0
    for _, kind in ipairs(kinds) do
      cells[#cells + 1] = text.number(each[kind])
      n = n + each[kind]
    end
    rows[#rows + 1] = n > 0 and cells or nil
  end
  if #rows > 0 then
    report.result("\n" .. report.table { columns = columns, rows = rows })
  end
end

-- What has to be known to read the numbers.
local function remarks(result)
  local shape, lines = result.shape, {}
  local function add(line, ...)
    lines[#lines + 1] = line:format(...)
  end
  local function explain(line, ...)
    if not report.is_brief() then
      add(line, ...)
    end
  end
  if shape.rate > 0 then
    explain "open loop: times count from the moment an operation was due"
  else
    explain "closed loop: a stall delays one operation per client and hides all that would have come meanwhile"
  end
  if result.unsent > 0 then
    add(
      "%s due and not sent before the end: the rate was not reached",
      text.count(result.unsent, "operation")
    )
  end
  if result.unknown > 0 then
    add(
      "%s unknown: the connection was lost before the answer",
      text.count(result.unknown, "outcome")
    )
  end
  if result.cancelled > 0 then
    add("%s cancelled at the end (57014): undone", text.count(result.cancelled, "operation"))
  end
  if result.sessions_left > 0 then
    local left = text.count(result.sessions_left, "session")
    add("%s of the load had not ended at the server: see pg_stat_activity, 'partdemo load'", left)
  end
  if #kinds_of_writes(result.partitions) > 0 then
    explain "leaf counts are the server's: they include what other sessions wrote, and what was rolled back"
  end
  if result.reconnects > 0 then
    add("%s", text.count(result.reconnects, "reconnect"))
  end
  local busy = result.cpu / (result.elapsed * shape.jobs)
  -- Only what has a due time can be late.
  local late = shape.rate > 0 and ("; it sent %s late at p99"):format(text.seconds(result.lag.p99))
  explain("partdemo itself used %.0f %% of a processor per thread%s", busy * 100, late or "")
  if busy > BUSY then
    add "partdemo was the bottleneck: more --jobs, or more processors, would give more"
  end
  return lines
end

function loadreport.print(result)
  print_entries(result)
  print_errors(result)
  if not report.is_brief() then
    print_partitions(result)
  end
  local lines = remarks(result)
  if #lines > 0 then
    report.result ""
  end
  for _, line in ipairs(lines) do
    report.result(line)
  end
end

local function milliseconds(times)
  return {
    p50_ms = times.p50 * 1e3,
    p95_ms = times.p95 * 1e3,
    p99_ms = times.p99 * 1e3,
    max_ms = times.max * 1e3,
  }
end

-- Adds the documented fields of a load to a run's JSON document.
function loadreport.fill(document, result)
  local ops = {}
  for i, e in ipairs(result.entries) do
    local each = milliseconds(e.due)
    each.ops, each.rows, each.retries, each.errors = e.ops, e.rows, e.retries, e.errors
    each.uncorrected = milliseconds(e.sent)
    ops[result.mix.entries[i].name] = each
  end
  local sum = total(result)
  document.elapsed_s = result.elapsed
  document.clients = result.shape.clients
  document.rate = result.shape.rate
  document.total = {
    ops = sum.ops,
    rows = sum.rows,
    errors = sum.failed,
    retries = sum.retries,
    rate = sum.ops / result.elapsed,
    unknown = result.unknown,
    cancelled = result.cancelled,
    unsent = result.unsent,
    reconnects = result.reconnects,
  }
  document.ops = ops
  document.partitions = json.array {}
  for i, each in ipairs(result.partitions) do
    document.partitions[i] = {
      table = each.table,
      name = each.name,
      rows = each.inserted,
      updated = each.updated,
      deleted = each.deleted,
    }
  end
  if result.stopped then
    document.stopped = {
      entry = result.mix.entries[result.stopped.entry].name,
      sqlstate = result.stopped.sqlstate,
      message = result.stopped.message,
    }
  end
  document.self = { cpu_s = result.cpu, lag_p99_ms = result.lag.p99 * 1e3 }
end

return loadreport
