-- What became of partition trees: + added, - gone, ~ changed, by sign and by colour. What did not change is
-- folded when there is much of it.
local catalog = require "partdemo.catalog"
local report = require "partdemo.report"
local text = require "partdemo.text"
local tree = require "partdemo.tree"

local treediff = {}

local FOLD = 4 -- so many unchanged neighbours become one line

local colours = { ["+"] = "green", ["-"] = "red", ["~"] = "yellow" }

local function by_name(nodes)
  local found = {}
  for _, node in ipairs(nodes) do
    found[node.name] = node
  end
  return found
end

-- The nodes of both lists in the order of `after`; one that is gone follows what it followed before.
local function merge(before, after)
  local old, new = by_name(before), by_name(after)
  local gone = {} -- by the name of the last one before it that is still there
  local last = {}
  local first = last
  for _, node in ipairs(before) do
    if new[node.name] then
      last = {}
      gone[node.name] = last
    else
      last[#last + 1] = { before = node }
    end
  end
  local pairs_ = table.move(first, 1, #first, 1, {})
  for _, node in ipairs(after) do
    pairs_[#pairs_ + 1] = { before = old[node.name], after = node }
    local following = gone[node.name] or {}
    table.move(following, 1, #following, #pairs_ + 1, pairs_)
  end
  return pairs_
end

local function state(node)
  return node.detach_pending and " (DETACH PENDING)" or ""
end

-- The sign of a pair of nodes, how the node is described, and the change of its rows.
local function compare(pair, top)
  local before, after = pair.before, pair.after
  local now = after and tree.describe(after, top) .. state(after)
  local was = before and tree.describe(before, top) .. state(before)
  local rows = (after and after.rows or 0) - (before and before.rows or 0)
  if not before then
    return "+", now, rows
  elseif not after then
    return "-", was, rows
  elseif now ~= was then
    local same = top
      and before.strategy
      and before.strategy == after.strategy
      and before.key == after.key
      and state(before) == state(after)
    return "~", ("%s (was %s)"):format(now, same and catalog.leaves(before) or was), rows
  end
  return rows ~= 0 and "~" or "", now, rows
end

local function signed(n)
  return n == 0 and "" or (n > 0 and "+" or "") .. text.number(n)
end

local line

-- The lines of pairs of siblings. Unchanged leaves next to each other are folded.
local function lines(pairs_, top)
  local found, same = {}, {}
  local function flush()
    if #same < FOLD then
      for _, pair in ipairs(same) do
        found[#found + 1] = line(pair, top)
      end
    else
      local rows = 0
      for _, pair in ipairs(same) do
        rows = rows + (pair.after.rows or 0)
      end
      local leaves = text.count(#same, "leaf", "leaves")
      found[#found + 1] = { "", leaves .. " unchanged", "", text.number(rows), "" }
    end
    same = {}
  end
  for _, pair in ipairs(pairs_) do
    local unchanged = pair.before and pair.after and pair.after.leaf and (compare(pair, top)) == ""
    if unchanged and not top then
      same[#same + 1] = pair
    else
      flush()
      found[#found + 1] = line(pair, top)
    end
  end
  flush()
  return found
end

-- Whether a tree has the same partitions, bounds and rows as before.
local function unchanged(pair, top)
  if not (pair.before and pair.after) or (compare(pair, top)) ~= "" then
    return false
  end
  for _, child in ipairs(merge(pair.before.partitions, pair.after.partitions)) do
    if not unchanged(child) then
      return false
    end
  end
  return true
end

function line(pair, top)
  local before, after = pair.before, pair.after
  local shown = after or before
  if not shown.leaf and unchanged(pair, top) then
    local described = tree.describe(after, top) .. ", unchanged"
    return { "", after.name, described, tree.rows(after), "" }
  end
  local sign, described, rows = compare(pair, top)
  local colour = colours[sign]
  local function painted(cell)
    return colour and { cell, colour = colour } or cell
  end
  return {
    painted(sign),
    painted(shown.name),
    painted(described),
    after and tree.rows(after) or "",
    painted(signed(rows)),
    children = lines(merge(before and before.partitions or {}, after and after.partitions or {})),
  }
end

-- Whether every tree has the same partitions, bounds and rows as before.
---@param before table[]  of catalog.tree
---@param after table[]
---@return boolean
function treediff.unchanged(before, after)
  for _, pair in ipairs(merge(before, after)) do
    if not unchanged(pair, true) then
      return false
    end
  end
  return true
end

-- The trees as they are, with what changed; without a tree before, the plain trees.
---@param before table[]  of catalog.tree
---@param after table[]
---@return string
function treediff.render(before, after)
  if #before == 0 then
    return tree.render(after)
  end
  local rows = {}
  for i, pair in ipairs(merge(before, after)) do
    rows[i] = line(pair, true)
  end
  return report.table {
    columns = {
      { "" },
      { "TABLE", tree = true },
      { "PARTITIONED BY, BOUND", cut = true },
      { "ROWS", right = true },
      { "CHANGE", right = true },
    },
    rows = rows,
  }
end

return treediff
