-- Draws partition trees (partdemo.partitions) as one table, and says them as JSON.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"

local tree = {}

local NARROW = 100 -- columns of a terminal; below it bounds need the room more than heap sizes do

-- A bound in as few words as tell it: "'2024-01-01' to '2024-02-01'", "'US', 'CA'", "modulus 4, remainder 0".
local function short(bound)
  bound = bounds.short(bound:gsub("^FOR VALUES ", ""))
  local low, high = bound:match "^FROM %((.*)%) TO %((.*)%)$"
  if low and (low .. high):find(", ", 1, true) then
    return ("(%s) to (%s)"):format(low, high)
  elseif low then
    return ("%s to %s"):format(low, high)
  end
  return bound:match "^IN %((.*)%)$" or bound:match "^WITH %((.*)%)$" or bound
end

-- "range (created_at), 4 leaves", "not partitioned", "partition of sales: 'a' to 'b'"
local function describe_root(node)
  local words = {}
  if node.partition_of then
    words[1] = ("partition of %s: %s"):format(node.partition_of, short(node.bound))
  end
  if node.strategy then
    words[#words + 1] = ("%s (%s)"):format(node.strategy, node.key)
    words[#words + 1] = text.count(catalog.leaves(node), "leaf", "leaves")
  elseif not node.partition_of then
    words[1] = "not partitioned"
  end
  if (node.children or 0) > 0 then
    local one, many = "inheritance child, no partition", "inheritance children, no partitions"
    words[#words + 1] = text.count(node.children, one, many)
  end
  return table.concat(words, ", ")
end

-- How a node is partitioned and which part of its parent it is, in one line.
function tree.describe(node, top)
  if top then
    return describe_root(node)
  elseif node.strategy then
    return ("%s, %s (%s)"):format(short(node.bound or "?"), node.strategy, node.key)
  end
  return short(node.bound or "?")
end

-- Rows as they are known: "1,200", "~1,200" estimated, "?" never analyzed or not readable.
function tree.rows(node, estimated)
  local number = text.number(node.rows or 0)
  if node.rows == nil or (node.unknown > 0 and node.rows == 0) then
    return "?"
  elseif estimated then
    return node.unknown > 0 and ("~%s + ?"):format(number) or "~" .. number
  end
  return number
end

-- A size: "24 kB", "~24 kB" estimated.
function tree.bytes(n, estimated)
  return (estimated and n > 0 and "~" or "") .. text.bytes(n)
end

local function state(node)
  local words = {}
  words[1] = node.detach_pending and "DETACH PENDING" or nil
  words[#words + 1] = node.foreign and "foreign table" or nil
  return #words > 0 and { table.concat(words, ", "), colour = node.detach_pending and "red" or nil }
    or ""
end

local function index_count(node)
  local invalid = #node.invalid_indexes
  if invalid == 0 then
    return node.indexes
  end
  return { ("%d, %d invalid"):format(node.indexes, invalid), colour = "red" }
end

-- Whether f holds for a node or one below it.
local function any(node, f)
  if f(node) then
    return true
  end
  for _, partition in ipairs(node.partitions) do
    if any(partition, f) then
      return true
    end
  end
  return false
end

local columns = {
  name = { { "TABLE", tree = true } },
  bound = { { "PARTITIONED BY, BOUND", cut = true } },
  rows = { { "ROWS", right = true } },
  heap = { { "HEAP", right = true } },
  size = { { "SIZE", right = true } },
  indexes = { { "INDEXES", right = true } },
  state = { { "STATE" } },
}

local cells = {
  name = function(node)
    return node.name
  end,
  bound = function(node, top)
    return tree.describe(node, top)
  end,
  rows = function(node, _, estimated)
    return tree.rows(node, estimated)
  end,
  heap = function(node, _, estimated)
    return tree.bytes(node.heap_bytes, estimated)
  end,
  size = function(node, _, estimated)
    return tree.bytes(node.bytes, estimated)
  end,
  indexes = index_count,
  state = state,
}

local function row(node, shown, top, estimated)
  local children, cell = {}, {}
  for i, partition in ipairs(node.partitions) do
    children[i] = row(partition, shown, false, estimated)
  end
  for i, name in ipairs(shown) do
    cell[i] = cells[name](node, top, estimated)
  end
  cell.children = children
  return cell
end

-- The trees under one heading. detail: heap size and indexes too.
---@param trees table[]  of partitions.tree
function tree.render(trees, detail)
  local shown = { "name", "bound", "rows", "size" }
  if detail then
    shown[#shown + 1] = "indexes"
    if report.width() == 0 or report.width() >= NARROW then
      table.insert(shown, 4, "heap")
    end
  end
  local rows, spec = {}, {}
  local function has_state(node)
    return state(node) ~= ""
  end
  for _, node in ipairs(trees) do
    if any(node, has_state) and shown[#shown] ~= "state" then
      shown[#shown + 1] = "state"
    end
  end
  for i, node in ipairs(trees) do
    rows[i] = row(node, shown, true, node.rows_estimated)
  end
  for i, name in ipairs(shown) do
    spec[i] = columns[name][1]
  end
  return report.table { columns = spec, rows = rows }
end

-- What a reader has to know besides the table: rows that the parent does not show, indexes that are not valid.
function tree.remarks(node, above)
  local found = {}
  if node.detach_pending and above then
    local rows = node.rows and text.count(node.rows, "row") or "?"
    found[1] = ("%s: its detach is pending; %s in it are not seen through %s"):format(
      node.name,
      node.rows and rows or "the rows",
      above.name
    )
  end
  for _, index in ipairs(node.invalid_indexes) do
    found[#found + 1] = ("%s: its index %s is not valid"):format(node.name, index)
  end
  for _, partition in ipairs(node.partitions) do
    for _, remark in ipairs(tree.remarks(partition, node)) do
      found[#found + 1] = remark
    end
  end
  return found
end

-- A tree as the JSON contract has it. top: it is the table that was asked for.
function tree.document(node, top, estimated)
  estimated = estimated or node.rows_estimated
  local document = {
    rows = node.rows or json.null,
    bytes = node.bytes,
    heap_bytes = node.heap_bytes,
    strategy = node.strategy,
    key = node.key,
    bound = node.bound,
    indexes = node.indexes,
    invalid_indexes = json.array(table.move(node.invalid_indexes, 1, #node.invalid_indexes, 1, {})),
    detach_pending = node.detach_pending,
    foreign = node.foreign,
    rows_estimated = estimated or false,
    bytes_estimated = estimated or false,
    rows_unknown = node.unknown > 0 and not node.leaf and node.unknown or nil,
    rows_pending = node.rows_pending > 0 and node.rows_pending or nil,
    partition_of = node.partition_of,
  }
  document[top and "table" or "name"] = node.name
  if not top then
    document.leaf = node.leaf
  end
  if top or not node.leaf then
    document.partitions = json.array {}
    for i, partition in ipairs(node.partitions) do
      document.partitions[i] = tree.document(partition, false, estimated)
    end
  end
  return document
end

return tree
