-- Draws partition trees (catalog.tree) as one table.
local report = require "partdemo.report"
local text = require "partdemo.text"

local tree = {}

local function bound(node)
  if node.detach_pending then
    return { (node.bound or "") .. " (DETACH PENDING)", colour = "red" }
  elseif node.bound then
    return node.bound
  end
  return node.strategy and ("%s (%s)"):format(node.strategy, node.key:match "^%((.*)%)$" or node.key) or "not partitioned"
end

local function row(node)
  local children = {}
  for i, partition in ipairs(node.partitions) do
    children[i] = row(partition)
  end
  local what = bound(node)
  if node.bound and node.strategy then
    what = ("%s, %s %s"):format(node.bound, node.strategy, node.key)
  end
  return { node.name, what, text.number(node.rows), text.bytes(node.bytes), children = children }
end

-- The trees under one heading; names without a table are left out.
---@param trees table[]  of catalog.tree
function tree.render(trees)
  local rows = {}
  for _, node in ipairs(trees) do
    rows[#rows + 1] = row(node)
  end
  return report.table {
    columns = { { "TABLE", tree = true }, { "PARTITIONED BY / BOUND", cut = true }, { "ROWS", right = true }, { "SIZE", right = true } },
    rows = rows,
  }
end

-- A tree as the JSON contract has it.
function tree.document(node, top)
  local json = require "partdemo.json"
  local partitions = json.array {}
  for i, partition in ipairs(node.partitions) do
    partitions[i] = tree.document(partition)
  end
  local document = { rows = node.rows, bytes = node.bytes, strategy = node.strategy, key = node.key }
  document[top and "table" or "name"] = node.name
  if not top then
    document.bound, document.leaf = node.bound, node.leaf
    document.partitions = not node.leaf and partitions or nil
  else
    document.partitions = partitions
  end
  return document
end

return tree
