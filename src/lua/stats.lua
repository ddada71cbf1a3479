-- partdemo stats: how rows and bytes spread over the leaves of a table, and what needs attention.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"
local tree = require "partdemo.tree"

local stats = {}

local FULL = 130 -- columns of a terminal that the whole table needs
local LARGE_DEFAULT = 0.1 -- share of the rows from which a default partition is worth a line in colour

-- The leaves of a tree in order, the table itself when it is not partitioned, with whether a detach hides them.
local function leaves(node, found, pending)
  pending = pending or node.detach_pending
  if node.leaf then
    found[#found + 1] = { node = node, pending = pending }
  end
  for _, partition in ipairs(node.partitions) do
    leaves(partition, found, pending)
  end
  return found
end

-- The partitioned tables of a tree.
local function levels(node, found)
  if not node.leaf then
    found[#found + 1] = node
  end
  for _, partition in ipairs(node.partitions) do
    levels(partition, found)
  end
  return found
end

-- The counters of the statistics system by OID.
local function counters(conn, nodes)
  local oids, by_oid = json.array {}, {}
  for i, node in ipairs(nodes) do
    oids[i] = node.oid
  end
  for _, row in ipairs(catalog.query(conn, "partition_stats", json.encode(oids))) do
    by_oid[row.oid] = row
  end
  return by_oid
end

local function leaf_document(leaf, counted, table_, shown)
  local node = leaf.node
  local share = not leaf.pending and node.rows and table_.rows > 0 and node.rows / table_.rows
  return {
    name = node.name,
    bound = node.bound,
    default = node.bound == "DEFAULT",
    foreign = node.foreign,
    detach_pending = leaf.pending,
    rows = node.rows or json.null,
    share = share or nil,
    skew = share and share * shown or nil, -- 1 = as many rows as the leaves have on average
    bytes = node.bytes,
    heap_bytes = node.heap_bytes,
    index_bytes = node.bytes - node.heap_bytes,
    dead = counted.dead,
    last_analyze = counted.last_analyze,
    modified_since_analyze = counted.modified,
    seq_scans = counted.seq_scans,
    index_scans = counted.index_scans,
    inserted = counted.inserted,
  }
end

local function percent(share)
  return ("%.1f %%"):format(100 * share)
end

-- The planner's statistics of the tables of a tree: those that nobody ever made.
local function never_analyzed(all, parents, add)
  for _, node in ipairs(parents) do
    if node.estimate < 0 then
      add(
        "never_analyzed",
        "%s was never analyzed as a whole: autovacuum does not do it; ANALYZE %s",
        node.name,
        node.name
      )
    end
  end
  local names = {}
  for _, leaf in ipairs(all) do
    if leaf.node.estimate < 0 then
      names[#names + 1] = leaf.node.name
    end
  end
  if #names > 0 then
    local more = #names > 3 and (" and %s more"):format(text.number(#names - 3)) or ""
    add(
      "never_analyzed",
      "%s never analyzed: %s%s",
      #all == 1 and "the table was"
        or #names == 1 and "one leaf was"
        or text.number(#names) .. " leaves were",
      table.concat(names, ", ", 1, math.min(#names, 3)),
      more
    )
  end
end

local function findings(conn, root, all, parents, document)
  local found = json.array {}
  local function add(kind, format, ...)
    found[#found + 1] = { kind = kind, text = format:format(...) }
  end
  for _, finding in ipairs(bounds.findings(conn, parents)) do
    add(finding:find "detach is pending$" and "detach_pending" or "coverage", "%s", finding)
  end
  for _, leaf in ipairs(document.partitions) do
    if leaf.default and leaf.share and leaf.share > 0 then
      local rows = text.count(leaf.rows, "row")
      add(
        "default",
        "%s of the rows (%s) are in the default partition %s",
        percent(leaf.share),
        rows,
        leaf.name
      )
    end
  end
  never_analyzed(all, parents, add)
  for _, remark in ipairs(tree.remarks(root)) do
    if remark:find "is not valid$" then
      add("invalid_index", "%s", remark)
    end
  end
  return found
end

-- The statistics of a tree (partitions.tree) as the JSON has them; stats.render() draws them.
function stats.document(conn, root)
  local all, parents = leaves(root, {}), levels(root, {})
  local nodes, shown = { root }, 0
  for i, leaf in ipairs(all) do
    nodes[i + 1] = leaf.node
    shown = shown + (leaf.pending and 0 or 1)
  end
  local counted = counters(conn, nodes)
  local document = {
    table = root.name,
    strategy = root.strategy,
    key = root.key,
    leaves = #all,
    rows = root.rows or json.null,
    rows_estimated = root.rows_estimated or false,
    bytes_estimated = root.rows_estimated or false,
    rows_unknown = root.unknown,
    rows_pending = root.rows_pending,
    bytes = root.bytes,
    heap_bytes = root.heap_bytes,
    index_bytes = root.bytes - root.heap_bytes,
    last_analyze = counted[root.oid] and counted[root.oid].last_analyze,
    default_rows = 0,
    partitions = json.array {},
  }
  for i, leaf in ipairs(all) do
    local one = leaf_document(leaf, counted[leaf.node.oid] or {}, { rows = root.rows or 0 }, shown)
    document.partitions[i] = one
    document.skew = math.max(document.skew or 0, one.skew or 0)
    if one.default and not leaf.pending then
      document.default_rows = document.default_rows + (leaf.node.rows or 0)
    end
  end
  document.findings = findings(conn, root, all, parents, document)
  return document
end

-- Heading, how the value of a leaf is written, whether a narrow terminal shows it too.
-- stylua: ignore
local columns = {
  { "LEAF", true, function(leaf) return leaf.name end, left = true },
  { "ROWS", true, function(leaf, estimated)
    local unknown = type(leaf.rows) ~= "number"
    return unknown and "?" or (estimated and "~" or "") .. text.number(leaf.rows)
  end },
  { "SHARE", true, function(leaf) return leaf.share and percent(leaf.share) or "" end },
  { "SKEW", true, function(leaf) return leaf.skew and ("%.2f"):format(leaf.skew) or "" end },
  { "HEAP", false, function(leaf, estimated) return tree.bytes(leaf.heap_bytes, estimated) end },
  { "INDEXES", false, function(leaf, estimated) return tree.bytes(leaf.index_bytes, estimated) end },
  { "SIZE", true, function(leaf, estimated) return tree.bytes(leaf.bytes, estimated) end },
  { "DEAD", false, function(leaf) return leaf.dead and text.number(leaf.dead) end },
  { "ANALYZED (UTC)", true, function(leaf) return leaf.last_analyze or "never" end, left = true },
  { "CHANGED", false, function(leaf)
    return leaf.modified_since_analyze and text.number(leaf.modified_since_analyze)
  end },
  { "SEQ SCANS", false, function(leaf) return leaf.seq_scans and text.number(leaf.seq_scans) end },
  { "INDEX SCANS", false, function(leaf) return leaf.index_scans and text.number(leaf.index_scans) end },
  { "INSERTED", false, function(leaf) return leaf.inserted and text.number(leaf.inserted) end },
}

local function heading(document, root)
  local sizes = ("%s: heap %s, indexes %s"):format(
    tree.bytes(document.bytes, document.bytes_estimated),
    tree.bytes(document.heap_bytes, document.bytes_estimated),
    tree.bytes(document.index_bytes, document.bytes_estimated)
  )
  local rows = root.rows == 1 and " row" or " rows"
  local words = { tree.describe(root, true), tree.rows(root, root.rows_estimated) .. rows, sizes }
  if document.rows_pending > 0 then
    table.insert(
      words,
      3,
      ("%s in partitions whose detach is pending"):format(
        text.count(document.rows_pending, "row more", "rows more")
      )
    )
  end
  local analyzed = document.last_analyze
  words[#words + 1] = analyzed and ("analyzed %s UTC"):format(analyzed) or "never analyzed"
  return ("%s: %s"):format(document.table, table.concat(words, "; "))
end

local colours = { coverage = "red", detach_pending = "red", invalid_index = "red" }

-- A document and the tree it is of as text for people, with a newline at its end.
function stats.render(document, root)
  local narrow = report.width() > 0 and report.width() < FULL
  local spec, rows = {}, {}
  for _, column in ipairs(columns) do
    if column[2] or not narrow then
      spec[#spec + 1] = { column[1], right = not column.left, value = column[3] }
    end
  end
  for i, leaf in ipairs(document.partitions) do
    rows[i] = {}
    for n, column in ipairs(spec) do
      rows[i][n] = column.value(leaf, document.rows_estimated) or ""
    end
    if leaf.detach_pending then
      rows[i][1] = { leaf.name .. " (DETACH PENDING)", colour = "red" }
    elseif leaf.default and (leaf.share or 0) >= LARGE_DEFAULT then
      rows[i][1] = { leaf.name, colour = "yellow" }
    end
  end
  local lines = {
    report.fold(text.visible(heading(document, root)), 2),
    report.table { columns = spec, rows = rows },
  }
  for _, finding in ipairs(document.findings) do
    local line = report.fold("! " .. text.visible(finding.text), 2)
    lines[#lines + 1] = report.paint(line, colours[finding.kind] or "yellow")
  end
  if narrow then
    report.note(
      ("a terminal of %d columns shows heap and index sizes, dead rows, scans and inserts too"):format(
        FULL
      )
    )
  end
  return table.concat(lines, "\n") .. "\n"
end

return stats
