-- Draws partition trees (catalog.tree) as one table.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local report = require "partdemo.report"
local text = require "partdemo.text"

local tree = {}

-- A bound in as few words as tell it: "'2024-01-01' to '2024-02-01'", "'US', 'CA'", "modulus 4, remainder 0".
local function short(bound)
  bound = bound:gsub("^FOR VALUES ", ""):gsub("'(%d+%-%d%d%-%d%d) 00:00:00'", "'%1'")
  local low, high = bound:match "^FROM %((.*)%) TO %((.*)%)$"
  if low then
    return ("%s to %s"):format(low, high)
  end
  return bound:match "^IN %((.*)%)$" or bound:match "^WITH %((.*)%)$" or bound
end

-- "'2024-01-01' to '2024-04-01', list (category)", "range (created_at), 4 leaves", "not partitioned"
local function describe(node)
  local words = {}
  words[#words + 1] = node.bound and short(node.bound)
  if node.strategy then
    words[#words + 1] = ("%s (%s)"):format(node.strategy, node.key)
  end
  if not node.bound then
    words[#words + 1] = node.strategy and text.count(catalog.leaves(node), "leaf", "leaves")
      or "not partitioned"
  end
  local described = table.concat(words, ", ")
  return node.detach_pending and { described .. " (DETACH PENDING)", colour = "red" } or described
end

local function row(node)
  local children = {}
  for i, partition in ipairs(node.partitions) do
    children[i] = row(partition)
  end
  return {
    node.name,
    describe(node),
    text.number(node.rows),
    text.bytes(node.bytes),
    children = children,
  }
end

-- The trees under one heading; names without a table are left out.
---@param trees table[]  of catalog.tree
function tree.render(trees)
  local rows = {}
  for _, node in ipairs(trees) do
    rows[#rows + 1] = row(node)
  end
  return report.table {
    columns = {
      { "TABLE", tree = true },
      { "PARTITIONED BY, BOUND", cut = true },
      { "ROWS", right = true },
      { "SIZE", right = true },
    },
    rows = rows,
  }
end

-- A tree as the JSON contract has it.
function tree.document(node, top)
  local partitions = json.array {}
  for i, partition in ipairs(node.partitions) do
    partitions[i] = tree.document(partition)
  end
  local document =
    { rows = node.rows, bytes = node.bytes, strategy = node.strategy, key = node.key }
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
