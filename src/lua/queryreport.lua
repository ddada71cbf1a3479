-- Says what came of the queries of a file: one line for each, the details with --verbose.
local card = require "partdemo.card"
local report = require "partdemo.report"
local text = require "partdemo.text"

local queryreport = {}

local SAME = 1.1 -- two medians that are nearer than this factor are told as equal

local function list_of(leaves)
  if type(leaves) ~= "table" then
    return type(leaves) == "number" and text.count(leaves, "leaf", "leaves") or tostring(leaves)
  elseif #leaves == 0 then
    return "no leaf"
  end
  return ("%s (%s)"):format(text.count(#leaves, "leaf", "leaves"), table.concat(leaves, ", "))
end

-- What was expected of a table and what was found instead, in one line.
function queryreport.mismatch(query, each)
  local of = each.name ~= query and ("%s, %s"):format(query, each.name) or query
  return ("%s: expected %s, got %s"):format(of, list_of(each.expected), list_of(each.got))
end

-- "plan 3", "plan 2, run 1", "-"
local function pruned(occurrence)
  local words = {}
  for _, phase in ipairs { { "plan", "plan" }, { "startup", "start" }, { "runtime", "run" } } do
    local n = occurrence.pruned[phase[1]]
    words[#words + 1] = n > 0 and ("%s %d"):format(phase[2], n) or nil
  end
  if occurrence.not_executed > 0 then
    words[#words + 1] = ("not run %d"):format(occurrence.not_executed)
  end
  return #words > 0 and table.concat(words, ", ") or "-"
end

local function ms(value)
  return text.seconds(value / 1000)
end

-- Milliseconds in three digits, as far as they are needed.
local function bare_ms(value)
  local format = value < 10 and "%.2f" or value < 100 and "%.1f"
  return format and format:format(value) or text.number(math.floor(value + 0.5))
end

-- How the partitioned table compares with the other one.
local function gain(row)
  local ratio = row.old.ms / row.new.ms
  local factor = math.max(ratio, 1 / ratio)
  if factor < SAME then
    return "same"
  end
  local words = (factor < 10 and "%.1fx %s" or "%.0fx %s"):format(
    factor,
    ratio > 1 and "faster" or "slower"
  )
  return { words, colour = ratio > 1 and "green" or "yellow" }
end

local function all_ok(row)
  for _, each in ipairs(row.judged) do
    if not each.ok then
      return false
    end
  end
  return true
end

local function cells(row, occurrence, compared)
  local scanned = occurrence and ("%d of %d"):format(#occurrence.scanned, occurrence.leaves)
    or row.refused and "refused"
    or "-"
  local colour = not all_ok(row) and "red" or nil
  local line = {
    colour and { row.name, colour = colour } or row.name or "",
    colour and { scanned, colour = colour } or scanned,
    occurrence and pruned(occurrence) or row.refused and row.judged[1].got or "",
    row.new and bare_ms(row.new.ms) or "",
    row.new and text.number(row.new.buffers) or "",
  }
  if compared then
    line[6] = row.old and bare_ms(row.old.ms) or ""
    line[7] = row.old and text.number(row.old.buffers) or ""
    line[8] = row.old and gain(row) or ""
  end
  return line
end

-- The tables of a query whose leaves are of interest.
local function partitioned(row)
  local found = {}
  for _, occurrence in ipairs(row.card and row.card.tables or {}) do
    found[#found + 1] = occurrence.partitioned and occurrence or nil
  end
  return found
end

local function overview(rows, compared)
  local columns = {
    { "QUERY", cut = true },
    { "SCANNED" },
    { "PRUNED" },
    { "MS", right = true },
    { "PAGES", right = true },
  }
  if compared then
    columns[6], columns[7] = { "PLAIN", right = true }, { "PAGES", right = true }
    columns[8] = { "PARTITIONED" }
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local tables = partitioned(row)
    lines[#lines + 1] = cells(row, tables[1], compared)
    for i = 2, #tables do
      local more = cells({ judged = row.judged }, tables[i], compared)
      more[1] = "  and " .. (tables[i].alias or tables[i].table)
      lines[#lines + 1] = more
    end
  end
  return report.table { columns = columns, rows = lines }
end

local function print_time(label, side)
  local line = "  %s: %s = planning %s + execution %s, %s, median of %d"
  report.say(
    line:format(
      label,
      ms(side.ms),
      ms(side.planning_ms),
      ms(side.execution_ms),
      text.count(side.buffers, "page"),
      side.times
    )
  )
end

local function print_details(row)
  report.say("\n" .. report.paint(row.name, "bold"))
  for line in row.comment:gmatch "[^\n]+" do
    report.say(report.paint("  -- " .. line, "gray"))
  end
  report.say(report.paint("  " .. row.sql:gsub("\n", "\n  "), "gray"))
  if row.card then
    report.say((card.render(row.card):gsub("([^\n]+)", "  %1")))
  end
  if row.refused then
    report.say(report.fold("  refused: " .. row.refused, 4))
  end
  if row.new then
    print_time("partitioned", row.new)
  end
  if row.old then
    print_time("plain", row.old)
  end
end

-- How many queries gained, and how much of the time is planning: in small tables most of it.
local function print_balance(rows)
  local faster, slower, planning, all = 0, 0, 0, 0
  for _, row in ipairs(rows) do
    if row.old then
      local ratio = row.old.ms / row.new.ms
      faster = faster + (ratio >= SAME and 1 or 0)
      slower = slower + (ratio <= 1 / SAME and 1 or 0)
      planning, all = planning + row.new.planning_ms, all + row.new.ms
    end
  end
  local line = "Partitioned: %d faster, %d slower; %d %% of its time is planning."
  report.say(line:format(faster, slower, all > 0 and 100 * planning // all or 0))
end

-- What the columns mean; once in a run is enough.
function queryreport.legend()
  if report.is_brief() then
    return
  end
  local line = "MS: planning and execution, the median of up to 15 warm runs, in turn on the partitioned table and on "
    .. "the one compared with (PLAIN). PAGES: buffers read. PRUNED: leaves left out at plan time, at executor start or "
    .. "at run time."
  report.say(report.fold(line, 0))
end

function queryreport.unequal(name, rows, other, other_rows)
  local line = "note: %s has %s and %s has %s: the times are not for the same work"
  return line:format(name, text.count(rows, "row"), other, text.number(other_rows))
end

function queryreport.not_analyzed(name)
  local line =
    "note: the planner has no statistics of %s and guesses: ANALYZE %s makes the comparison fair"
  return line:format(name, name)
end

-- The queries that read other partitions than when they were last shown. shown: what was, by query.
local function news(rows, shown)
  local found = {}
  for _, row in ipairs(rows) do
    local words = {}
    for i, occurrence in ipairs(partitioned(row)) do
      words[i] = ("%d of %d, %s"):format(#occurrence.scanned, occurrence.leaves, pruned(occurrence))
    end
    local name, reads = row.file .. " " .. row.name, table.concat(words, "; ")
    if shown[name] ~= reads or not all_ok(row) then
      found[#found + 1] = row
    end
    shown[name] = reads
  end
  return found
end

-- The brief report: the partitions alone, and not again what was shown before in this run.
local function print_brief(rows, shown)
  local new = news(rows, shown)
  if #new > 0 then
    report.say(overview(new, false))
  end
  if #new < #rows then
    local count = text.count(#rows - #new, "query reads", "queries read")
    report.say(("      %s as many partitions as before"):format(count))
  end
end

-- Prints the queries of a file; unfair: what speaks against the comparison, nil when nothing was compared;
-- shown: a table that is kept over the run.
function queryreport.print(rows, unfair, shown)
  if report.is_verbose() then
    for _, row in ipairs(rows) do
      print_details(row)
    end
    report.say()
  end
  if report.is_brief() then
    print_brief(rows, shown)
  else
    report.say(overview(rows, unfair ~= nil))
  end
  if unfair and not report.is_brief() then
    print_balance(rows)
  end
  for _, row in ipairs(rows) do
    for _, each in ipairs(row.judged) do
      if not each.ok then
        local line = "FAILED " .. queryreport.mismatch(row.name, each)
        report.result(report.paint(report.fold(line, 2), "red"))
      end
    end
  end
  for _, line in ipairs(not report.is_brief() and unfair or {}) do
    report.note(line)
  end
end

return queryreport
