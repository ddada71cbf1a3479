-- scenarios/lib/leaves.lua: which leaves a query has to read, worked out from the bounds of the tree that is there.
-- Each function makes an expectation for the queries of a step. Ranges are of dates: from included, to excluded.
local partition_bounds = require "partdemo.bounds"

local leaves = {}

local BEFORE_ALL, AFTER_ALL = "", "\xff"

-- Dates and timestamps in ISO form compare as text, once a date is the timestamp of its midnight.
local function instant(value)
  if type(value) == "table" then
    return value.keyword == "MINVALUE" and BEFORE_ALL or AFTER_ALL
  end
  return #value == #"2024-02-01" and value .. " 00:00:00" or value
end

-- All leaves below a node, going down only to partitions that `choose(node)` keeps.
local function descend(node, choose, found)
  if node.leaf then
    found[#found + 1] = node.name
  else
    for _, partition in ipairs(choose(node)) do
      descend(partition, choose, found)
    end
  end
  return found
end

-- The partitions for which test(bound) is true, and the default partition if needs_default(bounds of those).
local function matching(node, test, needs_default)
  local kept, bounds, default = {}, {}, nil
  for _, partition in ipairs(node.partitions) do
    local limits = partition_bounds.parts(partition.bound)
    if limits.default then
      default = partition
    elseif test(limits) then
      kept[#kept + 1], bounds[#bounds + 1] = partition, limits
    end
  end
  if default and needs_default(bounds) then
    kept[#kept + 1] = default
  end
  return kept
end

-- Whether ranges leave a part of from..to to the default partition.
local function has_gap(ranges, from, to)
  table.sort(ranges, function(a, b)
    return instant(a.from[1]) < instant(b.from[1])
  end)
  for _, range in ipairs(ranges) do
    if instant(range.from[1]) > from then
      return true
    end
    from = instant(range.to[1])
  end
  return from < to
end

local function overlapping(from, to)
  return function(tree)
    return descend(tree, function(node)
      if node.strategy ~= "range" then
        return node.partitions
      end
      return matching(node, function(range)
        return instant(range.from[1]) < to and instant(range.to[1]) > from
      end, function(ranges)
        return has_gap(ranges, from, to)
      end)
    end, {})
  end
end

-- Every leaf: nothing can be left out.
function leaves.all(tree)
  return descend(tree, function(node)
    return node.partitions
  end, {})
end

-- Leaves with dates of a range.
function leaves.within(from, to)
  return overlapping(instant(from), instant(to))
end

-- Leaves with dates from one on.
function leaves.since(from)
  return overlapping(instant(from), AFTER_ALL)
end

-- Leaves that a day can be in.
function leaves.on(day)
  return overlapping(instant(day), instant(day) .. "\0")
end

-- Leaves that are listed for one of the values; the default partition for a value that is in no list.
function leaves.holding(values)
  local function listed(list)
    local n = 0
    for _, value in ipairs(values) do
      for _, each in ipairs(list.values) do
        n = n + (each == value and 1 or 0)
      end
    end
    return n
  end
  return function(tree)
    return descend(tree, function(node)
      if node.strategy ~= "list" then
        return node.partitions
      end
      return matching(node, function(list)
        return listed(list) > 0
      end, function(lists)
        local n = 0
        for _, list in ipairs(lists) do
          n = n + listed(list)
        end
        return n < #values
      end)
    end, {})
  end
end

-- Leaves that one of several expectations has.
function leaves.any(...)
  local several = { ... }
  return function(tree)
    local seen, found = {}, {}
    for _, expectation in ipairs(several) do
      for _, name in ipairs(expectation(tree)) do
        found[#found + 1] = not seen[name] and name or nil
        seen[name] = true
      end
    end
    return found
  end
end

-- Leaves that both of two expectations have.
function leaves.both(one, other)
  return function(tree)
    local wanted, found = {}, {}
    for _, name in ipairs(one(tree)) do
      wanted[name] = true
    end
    for _, name in ipairs(other(tree)) do
      found[#found + 1] = wanted[name] and name or nil
    end
    return found
  end
end

return leaves
