-- The impacts of several rehearsals side by side: what an `impacts` step of a scenario prints.
local fail = require "partdemo.fail"
local report = require "partdemo.report"
local text = require "partdemo.text"

local comparison = {}

local SAMPLED = 20 -- milliseconds between two looks at locks: shorter waits may be missing
local WORTH_SAYING = 1.5 -- times as long: below it two waits are called about the same

local function duration(ms)
  return text.seconds(ms / 1000)
end

-- Rows that are not as the writers were told; nil when nobody looked.
local function wrong_rows(d)
  local found, count = d.reconciliation, 0
  if found.error or #found.tables == 0 then
    return nil
  end
  for _, row in ipairs(found.tables) do
    if row.error then
      return nil
    end
    for _, what in ipairs { "lost", "doubled", "resurrected", "stale", "misplaced" } do
      count = count + row[what]
    end
  end
  return count
end

-- What is shown: its name, how it is read off an impact, how it is written.
local metrics = {
  {
    "longest wait of a write",
    function(d)
      return d.change.stall_ms
    end,
    duration,
  },
  {
    "  for a lock",
    function(d)
      return d.change.blocked.longest_ms
    end,
    function(ms)
      return ms < SAMPLED and ("under %d ms"):format(SAMPLED) or duration(ms)
    end,
  },
  {
    "  before the change",
    function(d)
      return d.before.max_ms
    end,
    duration,
  },
  {
    "99 of 100 operations within",
    function(d)
      return d.change.during.p99_ms
    end,
    duration,
  },
  {
    "  before the change",
    function(d)
      return d.before.p99_ms
    end,
    duration,
  },
  {
    "half of them within",
    function(d)
      return d.change.during.p50_ms
    end,
    duration,
  },
  {
    "operations queued at most",
    function(d)
      return d.change.backlog.peak
    end,
    text.number,
  },
  {
    "errors of the load",
    function(d)
      return d.change.errors
    end,
    text.number,
  },
  {
    "rows lost or wrong",
    wrong_rows,
    text.number,
  },
  {
    "  of acknowledged writes",
    function(d)
      return d.reconciliation.acknowledged
    end,
    text.number,
  },
  {
    "time of the change",
    function(d)
      return d.change.ms
    end,
    duration,
  },
  {
    "WAL of that time, with the load's",
    function(d)
      return d.change.wal_bytes
    end,
    text.bytes,
  },
}

-- "a, b and c"
local function listed(parts)
  local last = #parts > 1 and " and " .. table.remove(parts) or ""
  return table.concat(parts, ", ") .. last
end

-- The waits of the writers, the longest first, and how much less the last one is.
local function waits(names, impacts)
  local order, parts = {}, {}
  for i, name in ipairs(names) do
    order[i] = { name = name, ms = impacts[i].change.stall_ms, at = i }
  end
  table.sort(order, function(a, b)
    return a.ms > b.ms or a.ms == b.ms and a.at < b.at
  end)
  for i, each in ipairs(order) do
    parts[i] = ("%s for %s"):format(duration(each.ms), each.name)
  end
  local least = order[#order].ms
  local times = least > 0 and order[1].ms / least or 0
  local many = times < 10 and ("%.1f"):format(times) or text.number(math.floor(times + 0.5))
  return listed(parts) .. (times >= WORTH_SAYING and (", %s times less"):format(many) or "")
end

-- What became of the rows.
local function rows_words(names, impacts)
  local wrong, known = {}, true
  for i, d in ipairs(impacts) do
    local count = wrong_rows(d)
    known = known and count ~= nil
    if count and count > 0 then
      wrong[#wrong + 1] = ("%s lost or spoilt %s"):format(names[i], text.count(count, "row"))
    end
  end
  return #wrong > 0 and listed(wrong)
    or known and (#names == 2 and "neither" or "none") .. " lost a row"
    or "not all rows were compared"
end

-- What it comes to, in one sentence.
local function sentence(names, impacts)
  local who = impacts[1].of
  return ("%s waited at most %s; %s"):format(who, waits(names, impacts), rows_words(names, impacts))
end

local function load_words(d)
  local how = d.loop == "open"
      and ("%g operations/s on %s, timed from the moment an operation was due"):format(
        d.rate,
        text.count(d.clients, "client")
      )
    or ("as fast as %s can"):format(text.count(d.clients, "client"))
  return ("under %s: %s"):format(text.printable(d.mix), how)
end

local function is_fair(impacts)
  local first = impacts[1]
  for _, d in ipairs(impacts) do
    if d.loop ~= first.loop or d.rate ~= first.rate or d.clients ~= first.clients then
      return false
    end
  end
  return true
end

-- Prints the impacts of those names side by side, and what they come to. Raises a failure when one is not there.
function comparison.print(names, by_name)
  local impacts = {}
  for i, name in ipairs(names) do
    impacts[i] = by_name[name]
    if not (impacts[i] and impacts[i].change) then
      fail.raise("failed", ("nothing to compare: %s was not rehearsed"):format(name))
    end
  end
  local columns = { { "", cut = true } }
  for i, name in ipairs(names) do
    columns[i + 1] = { name:upper(), right = true }
  end
  local rows = {}
  for i, metric in ipairs(metrics) do
    rows[i] = { metric[1] }
    for k, d in ipairs(impacts) do
      local value = metric[2](d)
      rows[i][k + 1] = value and metric[3](value) or "?"
    end
  end
  report.result(report.table { columns = columns, rows = rows })
  report.result("\n" .. report.fold(load_words(impacts[1]), 2))
  local line = sentence(names, impacts)
  report.result("\n" .. report.paint(report.fold(line, 2), "bold"))
  for i, name in ipairs(names) do
    for _, note in ipairs(impacts[i].notes) do
      report.warn(("%s: %s"):format(name, note))
    end
  end
  if not is_fair(impacts) then
    report.warn "the rehearsals had different loads"
  end
end

return comparison
