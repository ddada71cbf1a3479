-- Draws what explain.run() found: for each table which leaves were touched, then the plan.
local report = require "partdemo.report"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local card = {}

local MOST = 12 -- lines for the leaves of one table, or for the members of one Append; -v shows all
local BAR = 60 -- signs in a bar

local signs = {
  scanned = { "#", "█", "green" },
  empty = { "o", "▒", "yellow" },
  pruned = { ".", "░", "gray" },
  not_executed = { "-", "╌", "gray" },
}

-- Names come from the catalog: they must not drive the terminal, nor break a line.
local function safe(s)
  return (s:gsub("[%c\127]", function(c)
    return ("\\x%02x"):format(c:byte())
  end))
end

local function kind_of(leaf)
  if leaf.state == "scanned" then
    return leaf.rows == 0 and "empty" or "scanned"
  end
  return leaf.state == "not_executed" and "not_executed" or "pruned"
end

local function sign(kind)
  local each = signs[kind]
  return report.paint(sys.utf8() and each[2] or each[1], each[3])
end

local strength = { pruned = 1, not_executed = 2, empty = 3, scanned = 4 }

-- One cell for each leaf, in the order of the bounds; of many leaves, for a few with the same kind of fate.
local function bar(each)
  if #each.leaf_states < 2 then
    return nil
  end
  local cells, size = {}, (#each.leaf_states + BAR - 1) // BAR
  for first = 1, #each.leaf_states, size do
    local kind = "pruned"
    for i = first, math.min(first + size - 1, #each.leaf_states) do
      local this = kind_of(each.leaf_states[i])
      kind = strength[this] > strength[kind] and this or kind
    end
    cells[#cells + 1] = sign(kind)
  end
  local drawn = "[" .. table.concat(cells) .. "]"
  return size > 1 and ("%s  %d leaves a sign"):format(drawn, size) or drawn
end

local function rows_text(rows)
  if not rows then
    return "? rows"
  elseif rows ~= math.floor(rows) then
    return ("%.1f rows"):format(rows)
  end
  return text.count(math.floor(rows), "row")
end

local function pruned_words(each, analyze)
  local counts, words = each.counts, {}
  local function add(n, what)
    if n > 0 then
      words[#words + 1] = text.number(n) .. what
    end
  end
  add(counts.plan, " pruned at plan time")
  add(counts.startup, " pruned at executor startup")
  add(counts.runtime, " pruned at run time")
  add(counts.not_executed, " not executed")
  if #words == 0 and #each.leaves > 1 and analyze then
    words[1] = "none pruned"
  end
  return words
end

-- "scanned 1 of 4 leaves; 3 pruned at plan time"
local function verdict(each, analyze)
  local total = #each.leaves
  local scanned = each.counts.scanned
  local many = each.partitioned and text.count(total, "leaf", "leaves")
    or text.count(total, "table")
  if each.inserted and each.partitioned then
    return each.written_known and ("wrote to %d of %s"):format(scanned, many)
      or ("inserts into some of %s"):format(many)
  elseif total == 1 and not each.partitioned then
    local leaf = each.leaf_states[1]
    local what = each.relation.bound and "a leaf by itself" or "not partitioned"
    if each.inserted then
      return each.written_known and ("%s; %s inserted"):format(what, rows_text(leaf.rows)) or what
    elseif leaf.state == "scanned" and leaf.totals then
      local words = { what, leaf.totals.type }
      if analyze then
        words[3] = rows_text(leaf.rows)
        words[4] = text.count(leaf.totals.buffers, "buffer")
      end
      return table.concat(words, "; ", 1, 2)
        .. (analyze and ", " .. table.concat(words, ", ", 3) or "")
    elseif leaf.state ~= "scanned" then
      return ("%s; %s"):format(what, leaf.state == "plan" and "not in the plan" or "not executed")
    end
    return what
  end
  local words = pruned_words(each, analyze)
  local said = analyze and ("scanned %d of %s"):format(scanned, many)
    or ("%d of %s in the plan"):format(scanned, many)
  return #words > 0 and said .. "; " .. table.concat(words, ", ") or said
end

local function heading(each, analyze)
  local name = safe(each.relation.name)
  if each.alias ~= each.relation.relname and not each.inserted then
    name = name .. " " .. safe(each.alias)
  end
  local said = verdict(each, analyze)
  local plain = name .. "  " .. said
  local line = report.paint(name, "bold") .. "  " .. said
  local conditions = safe(table.concat(each.conditions or {}, " AND "))
  if conditions == "" then
    return line, nil
  end
  local width = report.width() > 0 and report.width() or 80
  local room = width - (utf8.len(plain) or #plain) - (utf8.len(conditions) or #conditions) - 2
  if room >= 2 then
    return line .. (" "):rep(room) .. report.paint("[" .. conditions .. "]", "cyan")
  end
  return line, "  " .. report.paint("[" .. text.cut(conditions, width - 4) .. "]", "cyan")
end

local function leaf_row(leaf, analyze)
  local sum = leaf.totals
  local name = { leaf.relation.name, colour = leaf.rows == 0 and "yellow" or nil }
  if not sum then
    return { "   ", name, leaf.rows and rows_text(leaf.rows) or "" }
  end
  local row = { "   ", name, sum.type, "", "", "" }
  if analyze then
    row[4] = rows_text(leaf.rows)
    row[5] = ("%.2f ms"):format(sum.ms)
    row[6] = text.count(sum.buffers, "buffer")
  end
  return row
end

local function leaf_lines(each, card_, verbose)
  local rows, left = {}, 0
  if #each.leaves == 1 and not each.partitioned then
    return {} -- the heading says it all
  end
  for _, leaf in ipairs(each.leaf_states) do
    if leaf.state == "scanned" then
      if #rows < MOST or verbose then
        rows[#rows + 1] = leaf_row(leaf, card_.analyze)
      else
        left = left + 1
      end
    end
  end
  local lines = {}
  if #rows > 0 then
    lines[1] = report.table {
      columns = {
        { "" },
        { "", cut = true },
        { "" },
        { "", right = true },
        { "", right = true },
        { "", right = true },
      },
      rows = rows,
      noheadings = true,
    }
  end
  if left > 0 then
    lines[#lines + 1] = ("     and %d more (-v shows them)"):format(left)
  end
  return lines
end

local function table_lines(each, card_, verbose)
  local lines = {}
  local first, second = heading(each, card_.analyze)
  lines[1], lines[2] = first, second
  local drawn = bar(each)
  if drawn then
    lines[#lines + 1] = "  " .. drawn
  end
  for _, line in ipairs(leaf_lines(each, card_, verbose)) do
    lines[#lines + 1] = line
  end
  if verbose then
    for _, leaf in ipairs(each.leaf_states) do
      if leaf.state ~= "scanned" then
        lines[#lines + 1] = report.paint(
          ("     %s  %s"):format(safe(leaf.relation.name), card.states[leaf.state]),
          "gray"
        )
      end
    end
  end
  for _, leaf in ipairs(each.leaf_states) do
    if leaf.written then
      lines[#lines + 1] = ("     wrote %s to %s"):format(
        rows_text(leaf.written),
        safe(leaf.relation.name)
      )
    end
  end
  if each.reason then
    lines[#lines + 1] = report.fold("  why: " .. safe(each.reason), 7)
  end
  if each.hint then
    lines[#lines + 1] = report.paint(report.fold("  hint: " .. safe(each.hint), 8), "cyan")
  end
  return lines
end

-- What became of a leaf, in words.
card.states = {
  scanned = "scanned",
  plan = "pruned at plan time",
  startup = "pruned at executor startup",
  runtime = "pruned at run time",
  not_executed = "not executed",
}

-- "Index Scan t x", "Hash Join Left", ... alias: as the statement has it, for a scan of a table of it.
local function node_words(node, alias)
  local words = { node.operation and node.type == "ModifyTable" and node.operation or node.type }
  if node.parallel then
    words[1] = "Parallel " .. words[1]
  end
  if node.strategy and node.strategy ~= "Plain" then
    words[1] = node.strategy .. " " .. words[1]
  end
  if node.join_type and node.join_type ~= "Inner" then
    words[#words + 1] = node.join_type
  end
  if node.relation then
    words[#words + 1] = node.relation
    alias = alias or node.alias
    if alias and alias ~= "" and alias ~= node.relation then
      words[#words + 1] = alias
    end
  elseif node.cte or node["function"] or node.alias then
    words[#words + 1] = node.cte or node["function"] or node.alias
  end
  if node.subplan then
    table.insert(words, 1, node.subplan .. ":")
  end
  return table.concat(words, " ")
end

local function plan_row(node, fates, aliases, analyze)
  local label, colour = node_words(node, aliases[node]), nil
  if (node.subplans_removed or 0) > 0 then
    label = label .. (" (%d removed at startup)"):format(node.subplans_removed)
  end
  if not analyze then
    return { label, ("%.0f"):format(node.plan_rows or 0) }
  elseif node.loops == 0 then
    local fate = fates[node] == "runtime" and "pruned at run time" or "never executed"
    return { { ("%s (%s)"):format(label, fate), colour = "gray" }, "", "", "", "" }
  elseif fates[node] and node.rows == 0 and node.loops == 1 then
    label, colour = label .. " (no row)", "yellow"
  elseif fates[node] then
    colour = "green"
  end
  local rows = node.rows == math.floor(node.rows) and text.number(math.floor(node.rows))
    or ("%.2f"):format(node.rows)
  local buffers = 0
  for _, name in ipairs { "hit", "read", "local_hit", "local_read" } do
    buffers = buffers + (node[name] or 0)
  end
  return {
    colour and { label, colour = colour } or label,
    rows,
    text.number(node.loops),
    ("%.2f"):format((node.total_ms or 0) * node.loops),
    text.number(buffers),
  }
end

-- The plan as rows of a tree; of many members of an Append only the first are shown.
local function plan_rows(card_, verbose)
  local fates, aliases, rows, roots, hidden = {}, {}, {}, {}, {}
  for _, each in ipairs(card_.occurrences) do
    for _, leaf in ipairs(each.leaf_states) do
      for _, scan in ipairs(each.found) do
        if scan.relation == leaf.relation then
          fates[scan.node] = leaf.state
          aliases[scan.node] = each.alias ~= each.relation.relname and each.alias or ""
        end
      end
    end
  end
  for i, node in ipairs(card_.nodes) do
    local above = rows[node.parent]
    if not node.parent then
      rows[i] = plan_row(node, fates, aliases, card_.analyze)
      rows[i].children = {}
      roots[#roots + 1] = rows[i]
    elseif above then
      if #above.children >= MOST and node.relationship == "Member" and not verbose then
        hidden[above] = (hidden[above] or 0) + 1
      else
        rows[i] = plan_row(node, fates, aliases, card_.analyze)
        rows[i].children = {}
        table.insert(above.children, rows[i])
      end
    end
  end
  for row, n in pairs(hidden) do
    table.insert(row.children, { ("and %d more (-v shows them)"):format(n) })
  end
  return roots
end

local function plan_table(card_, verbose)
  local columns = {
    { "PLAN", tree = true, cut = true },
    { card_.analyze and "ROWS" or "ROWS EXPECTED", right = true },
  }
  if card_.analyze then
    columns[3] = { "LOOPS", right = true }
    columns[4] = { "MS", right = true }
    columns[5] = { "BUFFERS", right = true }
  end
  return report.table { columns = columns, rows = plan_rows(card_, verbose) }
end

local function foot(card_)
  local parts = {}
  if type(card_.planning_ms) == "number" then
    parts[#parts + 1] = ("planning %.2f ms"):format(card_.planning_ms)
  end
  if card_.analyze then
    parts[#parts + 1] = ("execution %.2f ms"):format(card_.execution_ms)
    parts[#parts + 1] = ("buffers %s hit, %s read"):format(
      text.number(card_.buffers.hit),
      text.number(card_.buffers.read)
    )
    if card_.buffers.dirtied > 0 then
      parts[#parts] = ("%s, %s dirtied"):format(parts[#parts], text.number(card_.buffers.dirtied))
    end
  else
    parts[#parts + 1] = "not executed: pruning at run time cannot be seen"
  end
  return table.concat(parts, "; ")
end

-- The card of explain.run() as text, in the width and colours of the stream for people.
function card.render(card_)
  local verbose = report.is_verbose()
  local lines = {}
  for _, each in ipairs(card_.occurrences) do
    for _, line in ipairs(table_lines(each, card_, verbose)) do
      lines[#lines + 1] = line
    end
    lines[#lines + 1] = ""
  end
  if #card_.occurrences == 0 then
    lines[1], lines[2] = "the statement touches no table", ""
  end
  lines[#lines + 1] = plan_table(card_, verbose)
  lines[#lines + 1] = ""
  lines[#lines + 1] = report.fold(foot(card_), 2)
  return table.concat(lines, "\n")
end

return card
