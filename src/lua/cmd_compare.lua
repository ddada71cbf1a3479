-- `partdemo compare A.json B.json`: the impact of two rehearsals side by side.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"

local cmd_compare = {}

-- Whether every one of the fields is a number; absent ones may be left out.
local function numbers(part, fields, absent)
  if type(part) ~= "table" then
    return false
  end
  for _, field in ipairs(fields) do
    if type(part[field]) ~= "number" and not (absent and part[field] == nil) then
      return false
    end
  end
  return true
end

local TIMES = { "p50_ms", "p99_ms", "max_ms" }

local function is_step(step)
  local whole = numbers(step, { "n", "ms", "stall_ms" })
    and type(step.say) == "string"
    and type(step.errors) == "table"
    and numbers(step.during, TIMES)
    and numbers(step.backlog, { "peak" })
    and numbers(step.backlog, { "drain_ms" }, true)
    and numbers(step.blocked, { "most" })
    and numbers(step, { "wal_bytes" }, true)
  for _, row in ipairs(whole and step.errors or {}) do
    whole = whole and numbers(row, { "count" })
  end
  return whole
end

-- Whether all that is compared is there: the file may be of anybody.
local function is_impact(impact)
  local whole = numbers(impact, { "rate", "clients" })
    and type(impact.verdict) == "string"
    and type(impact.steps) == "table"
    and numbers(impact.before, TIMES)
    and (impact.after == nil or numbers(impact.after, TIMES))
  for _, step in ipairs(whole and impact.steps or {}) do
    whole = whole and is_step(step)
  end
  return whole
end

-- The impact in a file that `run --under --format json` wrote. Raises a usage failure.
local function read(path)
  local bytes, why = files.read(path)
  local document, e
  if bytes then
    document, e = json.decode(bytes)
  end
  local message = why or e and ("%s:%d: %s"):format(path, e.line or 1, e.message)
  local impact = type(document) == "table" and document.impact
  if not message and not is_impact(impact) then
    message = path .. ": there is no impact report in it"
  end
  if message then
    fail.raise("usage", message, {
      hint = "'partdemo run SCENARIO --under MIX --format json > FILE' makes one.",
    })
  end
  return impact
end

local function duration(ms)
  return ms and text.seconds(ms / 1000) or ""
end

-- "x 0.25", or nothing when there is nothing to divide.
local function ratio(a, b)
  if not a or not b or a == 0 then
    return ""
  end
  return ("x %.2f"):format(b / a)
end

local function errors(step)
  local n = 0
  for _, row in ipairs(step and step.errors or {}) do
    n = n + row.count
  end
  return step and n
end

-- What is compared: name, value of an impact's part, how it is written.
local of_phase = {
  {
    "p50",
    function(p)
      return p.p50_ms
    end,
    duration,
  },
  {
    "p99",
    function(p)
      return p.p99_ms
    end,
    duration,
  },
  {
    "longest wait",
    function(p)
      return p.max_ms
    end,
    duration,
  },
}

local of_step = {
  {
    "duration",
    function(s)
      return s.ms
    end,
    duration,
  },
  {
    "writers stalled",
    function(s)
      return s.stall_ms
    end,
    duration,
  },
  {
    "p50",
    function(s)
      return s.during.p50_ms
    end,
    duration,
  },
  {
    "p99",
    function(s)
      return s.during.p99_ms
    end,
    duration,
  },
  {
    "queued at most",
    function(s)
      return s.backlog.peak
    end,
    text.number,
  },
  {
    "time to drain",
    function(s)
      return s.backlog.drain_ms
    end,
    duration,
  },
  {
    "blocked sessions",
    function(s)
      return s.blocked.most
    end,
    text.number,
  },
  { "errors", errors, text.number },
  {
    "WAL",
    function(s)
      return s.wal_bytes
    end,
    text.bytes,
  },
}

-- The rows of one part: { part, metric, a, b } with numbers, nil where a side has none.
local function compare_part(rows, name, metrics, a, b)
  for _, metric in ipairs(metrics) do
    local of = metric[2]
    rows[#rows + 1] =
      { part = name, metric = metric[1], a = a and of(a), b = b and of(b), write = metric[3] }
  end
end

local function compare(a, b)
  local rows = {}
  compare_part(rows, "before", of_phase, a.before, b.before)
  for i = 1, math.max(#a.steps, #b.steps) do
    local one, two = a.steps[i], b.steps[i]
    local say = (one or two).say
    if one and two and one.say ~= two.say then
      say = ("%s | %s"):format(one.say, two.say)
    end
    compare_part(rows, ("%d %s"):format(i, say), of_step, one, two)
  end
  compare_part(rows, "after", of_phase, a.after, b.after)
  return rows
end

local function print(paths, a, b, rows)
  for i, each in ipairs { a, b } do
    local line = ("%s: %s: %s"):format(i == 1 and "A" or "B", paths[i], each.verdict)
    report.output(report.fold(line, 3) .. "\n")
  end
  local cells, last = {}, nil
  for _, row in ipairs(rows) do
    if row.part ~= last then
      cells[#cells + 1] = { row.part, "", "", "" }
      last = row.part
    end
    cells[#cells + 1] = {
      "  " .. row.metric,
      row.a and row.write(row.a) or "",
      row.b and row.write(row.b) or "",
      ratio(row.a, row.b),
    }
  end
  local columns = { { "", cut = true } }
  for _, heading in ipairs { "A", "B", "B / A" } do
    columns[#columns + 1] = { heading, right = true }
  end
  report.output("\n" .. report.table { columns = columns, rows = cells } .. "\n")
  if a.loop ~= b.loop or a.rate ~= b.rate or a.clients ~= b.clients or a.mix ~= b.mix then
    report.warn "the two rehearsals had different loads"
  end
end

function cmd_compare.run(paths)
  local a, b = read(paths[1]), read(paths[2])
  local rows = compare(a, b)
  if not report.is_json() then
    return print(paths, a, b, rows)
  end
  local list = json.array {}
  for i, row in ipairs(rows) do
    list[i] = { part = row.part, metric = row.metric, a = row.a, b = row.b }
  end
  report.json { a = a.verdict, b = b.verdict, rows = list }
end

return cmd_compare
