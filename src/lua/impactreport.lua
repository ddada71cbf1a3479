-- An impact document for people: the verdict, a timeline, a line for each step, and what was behind it.
local ledger = require "partdemo.ledger"
local report = require "partdemo.report"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local impactreport = {}

local LABEL, SCALE = 9, 18 -- columns left and right of the timeline
local MOST_HOLDERS = 5
local SHORTEST_GAP = 50 -- milliseconds

local function duration(ms)
  return text.seconds(ms / 1000)
end

local function signs()
  local levels = {}
  for _, code in utf8.codes(sys.utf8() and "▁▂▃▄▅▆▇█" or ".:-=+*#@") do
    levels[#levels + 1] = utf8.char(code)
  end
  return levels
end

-- One character for each value: blank for nothing, else by its share of the largest.
local function spark(values, top)
  local levels, line = signs(), {}
  for i, value in ipairs(values) do
    local level = value > 0 and math.max(1, math.ceil(value / top * #levels)) or 0
    line[i] = level == 0 and " " or levels[math.min(level, #levels)]
  end
  return table.concat(line)
end

-- Buckets folded into cells of `size` of them.
local function fold(values, size, join)
  local cells = {}
  for i, value in ipairs(values) do
    local cell = (i - 1) // size + 1
    cells[cell] = cells[cell] and join(cells[cell], value) or value
  end
  return cells
end

local function add(a, b)
  return a + b
end

-- Where the steps are: the number where one begins, "+" where several do, "=" while one runs.
local function step_marks(steps, cells, cell_ms)
  local line = {}
  for i = 1, cells do
    line[i] = " "
  end
  for _, step in ipairs(steps) do
    local first = math.min(step.from_ms // cell_ms + 1, cells) | 0
    local last = math.min(step.to_ms // cell_ms + 1, cells) | 0
    for i = first + 1, last do
      line[i] = "="
    end
    line[first] = line[first]:find "[%d+]" and "+" or tostring(step.n % 10)
  end
  return table.concat(line)
end

-- The lines of the timeline, for a chart of at most `width` columns.
function impactreport.timeline(d, width)
  local buckets = #d.timeline.writes
  local size = math.max(1, math.ceil(buckets / width))
  local cell_ms = size * d.timeline.bucket_ms
  local writes = fold(d.timeline.writes, size, add)
  local failed = fold(d.timeline.failed, size, add)
  local waits = fold(d.timeline.wait_ms, size, math.max)
  local function line(label, chart, scale)
    return ("%s%s  %s"):format(text.pad(label, LABEL), text.pad(chart, #writes), scale)
  end
  local most = math.max(1, table.unpack(writes))
  local lines = {
    line("steps", step_marks(d.steps, #writes, cell_ms), duration(cell_ms) .. " a column"),
    line(
      d.of == "writers" and "writes" or "reads",
      spark(writes, most),
      ("max %s/s"):format(text.number(most * 1000 // cell_ms | 0))
    ),
    line(
      "wait",
      spark(waits, math.max(0.001, table.unpack(waits))),
      "max " .. duration(math.max(0, table.unpack(waits)))
    ),
  }
  local wrong = math.max(0, table.unpack(failed))
  if wrong > 0 then
    lines[#lines + 1] = line("errors", spark(failed, wrong), ("max %d"):format(wrong))
  end
  local ending = duration(d.elapsed_ms)
  local between = #writes - #"0 s" - #ending
  lines[#lines + 1] = line("", between > 0 and "0 s" .. (" "):rep(between) .. ending or ending, "")
  for i, each in ipairs(lines) do
    lines[i] = each:gsub("%s+$", "")
  end
  return lines
end

local function count_errors(list)
  local expected, unexpected = 0, 0
  for _, row in ipairs(list) do
    if row.expected then
      expected = expected + row.count
    else
      unexpected = unexpected + row.count
    end
  end
  return expected, unexpected
end

local function phase_row(name, waits)
  return { name, "", "", duration(waits.p50_ms), duration(waits.p99_ms), duration(waits.max_ms) }
end

local function print_table(d)
  local columns = { { "PHASE", cut = true } }
  for _, heading in ipairs { "TIME", "STALL", "P50", "P99", "MAX", "QUEUED", "ERRORS" } do
    columns[#columns + 1] = { heading, right = true }
  end
  local rows = { phase_row("before", d.before) }
  rows[1][7] = d.loop == "open" and text.number(d.backlog_before) or ""
  for _, step in ipairs(d.steps) do
    local expected, unexpected = count_errors(step.errors)
    rows[#rows + 1] = {
      ("%d %s"):format(step.n, step.say),
      duration(step.ms),
      duration(step.stall_ms),
      duration(step.during.p50_ms),
      duration(step.during.p99_ms),
      duration(step.during.max_ms),
      d.loop == "open" and text.number(step.backlog.peak) or "",
      text.number(expected + unexpected),
    }
  end
  if d.after then
    rows[#rows + 1] = phase_row("after", d.after)
  end
  report.result("\n" .. report.table { columns = columns, rows = rows })
end

-- A session as people look for it.
local function who(pid, application, query)
  if pid == 0 then
    return "a prepared transaction"
  end
  local words = { ("pid %d"):format(pid) }
  words[2] = application and application ~= "" and text.printable(application) or nil
  if query and query ~= "" then
    words[#words + 1] = '"' .. text.printable(text.cut((query:gsub("%s+", " ")), 60)) .. '"'
  end
  return table.concat(words, ", ")
end

-- "ACCESS EXCLUSIVE on a, b; SHARE on c": the strongest on each table, which come first in the list.
local function lock_words(locks)
  local parts, by_mode, seen = {}, {}, {}
  for _, lock in ipairs(locks) do
    local part, name = by_mode[lock.mode], text.printable(lock.table)
    if not seen[name] and part then
      parts[part] = parts[part] .. ", " .. name
    elseif not seen[name] then
      parts[#parts + 1] = lock.mode .. " on " .. name
      by_mode[lock.mode] = #parts
    end
    seen[name] = true
  end
  return table.concat(parts, "; ")
end

local function step_lines(d, step)
  local lines = {}
  local function say(line, ...)
    lines[#lines + 1] = report.fold("  " .. line:format(...), 4)
  end
  if #step.locks > 0 then
    say("locks: %s", lock_words(step.locks))
  end
  for _, wait in ipairs(step.waits) do
    local whom = who(wait.pid, wait.application, wait.query)
    say(
      "waited %s for %s on %s behind %s",
      duration(wait.ms),
      wait.mode,
      text.printable(wait.table),
      whom
    )
  end
  if step.blocked.most > 0 then
    local many = text.count(step.blocked.most, "session")
    say("blocked: %s at once, the longest %s", many, duration(step.blocked.longest_ms))
  end
  for _, gap in ipairs(step.gaps) do
    if gap.ms > 2 * gap.before_ms and gap.ms > SHORTEST_GAP then
      local usual = duration(gap.before_ms)
      say(
        "no write to %s completed for %s (%s before)",
        text.printable(gap.table),
        duration(gap.ms),
        usual
      )
    end
  end
  if d.loop == "open" and step.backlog.peak > d.backlog_before then
    local drained = step.backlog.drain_ms
        and "gone " .. duration(step.backlog.drain_ms) .. " after its peak"
      or "not gone at the end"
    say("backlog: %s operations, %s", text.number(step.backlog.peak), drained)
  end
  for _, row in ipairs(step.errors) do
    local expected = row.expected and "expected" or "unexpected"
    say(
      "%s of %s: %s, %s",
      row.sqlstate,
      text.printable(row.entry),
      text.number(row.count),
      expected
    )
  end
  if step.retries > 0 then
    say("retries: %s", text.number(step.retries))
  end
  if step.wal_bytes then
    local temp = step.temp_bytes or 0
    local also = temp > 0 and ", temporary files " .. text.bytes(temp) or ""
    say("written meanwhile: WAL %s%s", text.bytes(step.wal_bytes), also)
  end
  if step.cancelled then
    say "cancelled: it went beyond a limit"
  elseif step.error then
    say("failed: %s", text.printable(step.error))
  end
  return lines
end

local function print_steps(d)
  for _, step in ipairs(d.steps) do
    local counter = ("%d "):format(step.n)
    report.result("\n" .. report.paint(report.fold(counter .. text.printable(step.say), 4), "bold"))
    for _, line in ipairs(step_lines(d, step)) do
      report.result(line)
    end
  end
end

-- Errors of the whole run: those of the steps are among them.
local function print_errors(d)
  if #d.errors > 0 then
    report.result("\n" .. report.paint("Errors from begin to end", "bold"))
  end
  for _, row in ipairs(d.errors) do
    local expected = row.expected and row.count or row.expected_count or 0
    local line = ("  %s of %s: %s"):format(
      row.sqlstate,
      text.printable(row.entry),
      text.number(row.count)
    )
    local unexpected = row.count - expected
    line = line .. (unexpected > 0 and (", %s unexpected"):format(text.number(unexpected)) or "")
    report.result(report.fold(line, 4))
  end
end

local function print_holders(d)
  local shown = 0
  for _, holder in ipairs(d.holders) do
    if not holder.step and not holder.load and shown < MOST_HOLDERS then
      if shown == 0 then
        report.result("\n" .. report.paint("Others that were waited for", "bold"))
      end
      shown = shown + 1
      local line = "  %s: %s waited for it on %s, the longest %s, from %s on"
      local many = text.count(holder.most, "session")
      local name = who(holder.pid, holder.application, holder.query)
      local on = text.printable(table.concat(holder.on, ", "))
      local from = duration(math.max(holder.from_ms, 0))
      report.result(report.fold(line:format(name, many, on, duration(holder.longest_ms), from), 4))
    end
  end
end

local function print_reconciliation(d)
  local r = d.reconciliation
  if d.of == "readers" then
    return
  end
  report.result("\n" .. report.paint("Acknowledged and found", "bold"))
  if r.error then
    report.result("  FAILED  not reconciled: " .. r.error)
  end
  for _, row in ipairs(r.tables) do
    local wrong = ledger.describe(row)
    local line = wrong and ("FAILED  %s: %s"):format(text.printable(row.table), wrong)
      or ("ok      %s: %s, none lost, doubled, stale or misplaced"):format(
        text.printable(row.table),
        text.count(row.keys, "key")
      )
    report.result(report.fold("  " .. line, 10))
    if not row.error and row.unknown > 0 then
      local known = row.committed
          and ("; %s of the inserts are there"):format(text.number(row.committed))
        or ""
      local unknown = text.count(row.unknown, "unknown outcome")
      report.result(report.fold(("          %s%s"):format(unknown, known), 10))
    end
  end
  if r.own then
    local mark = r.own.ok and "ok    " or "FAILED"
    report.result(
      report.fold(("  %s  the mix's own check: %s"):format(mark, r.own.detail or "holds"), 10)
    )
  end
  for _, why in ipairs(r.unfollowed) do
    report.result(report.fold("  not followed: " .. why, 4))
  end
end

local function print_remarks(d)
  local s = d.sampler
  report.result ""
  local how = d.loop == "open"
      and ("open loop, %g operations/s on %s: times count from the moment an operation was due"):format(
        d.rate,
        text.count(d.clients, "client")
      )
    or (
      "closed loop on %s: a stall delays one operation per client and hides what would have come "
      .. "meanwhile"
    ):format(text.count(d.clients, "client"))
  report.result(report.fold(how, 2))
  if d.sustained then
    local rate = "the rate is half of the %s operations/s that the server sustained"
    report.result(report.fold(rate:format(text.number(d.sustained // 1 | 0)), 2))
  end
  local own =
    "partdemo itself sent %s late at p99 and used %.0f %% of a processor for each thread of the load"
  report.result(report.fold(own:format(duration(d.self.lag_p99_ms), d.self.cpu_percent), 2))
  local cost = s.cpu_percent and (", %.0f %% of a processor"):format(s.cpu_percent) or ""
  local sampler =
    "lock sampler: %s in %s on average, %s at most%s; shorter waits than 20 ms may be missing"
  local many = text.count(s.samples, "sample")
  report.result(report.fold(sampler:format(many, duration(s.mean_ms), duration(s.max_ms), cost), 2))
  if s.hidden then
    report.result(
      report.fold(
        "queries of other roles are hidden from this role: pg_read_all_stats shows them",
        2
      )
    )
  end
  if s.lost > 0 then
    local lost = "the sampler lost its connection %s: locks of that time are not known"
    report.result(report.fold(lost:format(text.count(s.lost, "time")), 2))
  end
  if d.dropped > 0 then
    local line = "%s not kept, for want of memory: the numbers are too small"
    report.result(report.fold(line:format(text.count(d.dropped, "record")), 2))
  end
  for _, line in ipairs(d.notes) do
    report.result(report.fold(line, 2))
  end
end

-- Prints the report of an impact document. short: no more than the verdict, the timeline and the phases.
function impactreport.print(d, short)
  local width = report.width() > 0 and report.width() or 80
  report.result(
    "\n" .. report.paint(report.fold(d.verdict, 2), #d.failures > 0 and "red" or "green")
  )
  for _, why in ipairs(d.failures) do
    report.result(report.paint(report.fold("failed: " .. why, 2), "red"))
  end
  report.result ""
  for _, line in ipairs(impactreport.timeline(d, math.min(width, 120) - LABEL - SCALE)) do
    report.result(line)
  end
  print_table(d)
  if short then
    return
  end
  print_steps(d)
  print_errors(d)
  print_holders(d)
  print_reconciliation(d)
  print_remarks(d)
end

return impactreport
