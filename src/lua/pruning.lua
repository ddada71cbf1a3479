-- Decides for each leaf of each table what became of it: scanned, pruned at plan time, at executor
-- startup or at run time, or in the plan but never needed.
local json = require "partdemo.json"
local predicate = require "partdemo.predicate"

local pruning = {}

local function is_append(node)
  return node.type == "Append" or node.type == "Merge Append"
end

local function in_subplan(node)
  return node.relationship == "InitPlan" or node.relationship == "SubPlan"
end

-- Nodes that have read all of their input as soon as they gave a row.
local function reads_all_first(node)
  return node.type == "Sort"
    or node.type == "Hash"
    or node.type == "ModifyTable"
    or node.type == "Aggregate" and (node.strategy == "Plain" or node.strategy == "Hashed")
end

-- Nodes that read on until their input ends, if they are read until their own end.
local transparent = {
  Append = true,
  ["Merge Append"] = true,
  Gather = true,
  ["Gather Merge"] = true,
  Result = true,
  ["Subquery Scan"] = true,
  Aggregate = true,
  Group = true,
  Unique = true,
  ProjectSet = true,
  LockRows = true,
  ["Incremental Sort"] = true,
  ["Nested Loop"] = true,
  Materialize = true,
  Memoize = true,
}

-- An empty hash table ends a Hash Join before it reads the other side.
local function hash_has_rows(nodes, join)
  for _, node in ipairs(nodes) do
    if nodes[node.parent] == join and node.type == "Hash" then
      return (node.rows or 0) > 0
    end
  end
  return false
end

local function reads_to_end(nodes, node, child)
  if node.type == "Hash Join" then
    return child.type == "Hash" or hash_has_rows(nodes, node)
  elseif node.type == "WindowAgg" then
    return not node.run_condition
  elseif node.type == "Nested Loop" and child.relationship == "Inner" then
    return not node.inner_unique and node.join_type ~= "Semi" and node.join_type ~= "Anti"
  end
  return transparent[node.type] or false
end

-- Whether node i certainly was read until its end: nothing above it can have stopped early.
local function was_read_to_end(nodes, i)
  local node = nodes[i]
  while node.parent do
    local above = nodes[node.parent]
    if in_subplan(node) then
      return false
    elseif reads_all_first(above) and (above.loops or 0) > 0 then
      return true
    elseif not reads_to_end(nodes, above, node) then
      return false
    end
    node = above
  end
  return true
end

-- Whether a later child of a plain Append was executed: then this one was passed over, not left unread.
local function passed_over(nodes, child)
  local above = nodes[nodes[child].parent]
  if above.type ~= "Append" or above.parallel then
    return false
  end
  for i = child + 1, #nodes do
    local node = nodes[i]
    if node.depth <= above.depth then
      return false
    elseif node.parent == nodes[child].parent and node.relationship == "Member" then
      if node.async then
        return false
      elseif node.loops > 0 then
        return true
      end
    end
  end
  return false
end

-- Why a node with no loops was not executed: "runtime" when pruning is the only explanation.
local function never_executed(nodes, i)
  while nodes[i].parent and nodes[nodes[i].parent].loops == 0 do
    i = nodes[i].parent
  end
  local node, parent = nodes[i], nodes[i].parent
  if not parent or not is_append(nodes[parent]) or in_subplan(node) or node.async then
    return "not_executed"
  end
  -- A Merge Append takes a row of each of its children before it gives one.
  local certain = nodes[parent].type == "Merge Append"
      and (nodes[parent].rows > 0 or was_read_to_end(nodes, parent))
    or passed_over(nodes, i)
    or was_read_to_end(nodes, parent)
  return certain and "runtime" or "not_executed"
end

-- Rows that a scan gave in all its loops; nil when the average does not tell.
local function rows_of(node, version)
  if node.rows == 0 and node.loops > 1 then
    local smallest = version >= 180000 and 0.005 or 0.5
    return smallest * node.loops < 1 and 0 or nil
  end
  return node.rows * node.loops
end

local function state_of(nodes, scans, analyze)
  if not analyze then
    return "scanned"
  end
  local state = "runtime"
  for _, scan in ipairs(scans) do
    if scan.node.loops > 0 then
      return "scanned"
    elseif never_executed(nodes, scan.index) == "not_executed" then
      state = "not_executed"
    end
  end
  return state
end

-- What the scans of a leaf did, added up.
local function totals(scans, version)
  local sum = { rows = 0, ms = 0, buffers = 0, filtered = 0, loops = 0 }
  for _, scan in ipairs(scans) do
    local node = scan.node
    if node.loops and node.loops > 0 then
      local rows = rows_of(node, version)
      sum.rows = sum.rows and rows and sum.rows + rows
      sum.ms = sum.ms + (node.total_ms or 0) * node.loops
      sum.filtered = sum.filtered + (node.filtered or 0) * node.loops
      sum.loops = sum.loops + node.loops
    end
    for _, name in ipairs { "hit", "read", "local_hit", "local_read" } do
      sum.buffers = sum.buffers + (node[name] or 0)
    end
    sum.type = node.type
    sum.index = node.index
  end
  return sum
end

local function by_leaf(each)
  local found = {}
  for _, scan in ipairs(each.found) do
    local oid = scan.relation.oid
    found[oid] = found[oid] or {}
    table.insert(found[oid], scan)
  end
  return found
end

-- The leaves that an INSERT put rows into, by what the server counted.
local function decide_inserted(each, nodes, facts)
  each.written_known = facts.analyze and nodes.written and true
  for _, leaf in ipairs(each.leaf_states) do
    local n = nodes.written and nodes.written[leaf.relation.oid] or 0
    leaf.state = n > 0 and "scanned" or "not_executed"
    leaf.rows = n
    -- What a foreign server takes is not counted here.
    each.written_known = each.written_known and leaf.relation.kind ~= "f"
  end
  if not each.partitioned then
    each.reason = nil
  elseif each.written_known then
    each.reason = "INSERT routes each row to the leaf of its key"
  else
    each.reason = "INSERT routes each row to the leaf of its key: a plan does not tell which"
  end
end

local function count_removed(nodes)
  local removed = 0
  for _, node in ipairs(nodes) do
    removed = removed + (node.subplans_removed or 0)
  end
  return removed
end

-- Subplans removed from the Append that holds only scans of this occurrence; nil when there is none.
local function removed_here(nodes, each)
  local removed
  for _, scan in ipairs(each.found) do
    local node = nodes[scan.index]
    if node.parent and is_append(nodes[node.parent]) and node.relationship == "Member" then
      removed = removed or {}
      removed[node.parent] = nodes[node.parent].subplans_removed or 0
    end
  end
  local sum = 0
  for _, n in pairs(removed or {}) do
    sum = sum + n
  end
  return removed and sum
end

-- Leaves absent from the plan: the executor removed those at its start that planning had locked.
local function decide_absent(each, absent, nodes, facts)
  local removed = count_removed(nodes)
  if removed == 0 or #absent == 0 then
    return
  end
  facts.planned_set = facts.planned_set or facts.planned()
  local locked = {}
  for _, leaf in ipairs(absent) do
    if facts.planned_set[leaf.relation.oid] then
      locked[#locked + 1] = leaf
    end
  end
  -- Another occurrence may have locked the leaf: then the Append's own count decides.
  local here = removed_here(nodes, each)
  local most = each.shared and here or #locked
  for i = 1, math.min(most, #locked) do
    locked[i].state = "startup"
  end
end

local function decide_table(each, nodes, facts)
  local found, absent = by_leaf(each), {}
  each.partitioned = each.relation.kind == "p"
  each.leaf_states = {}
  for i, relation in ipairs(each.leaves) do
    local scans = found[relation.oid]
    local leaf = { relation = relation }
    each.leaf_states[i] = leaf
    if scans then
      leaf.state = state_of(nodes, scans, facts.analyze)
      leaf.totals = totals(scans, facts.version)
      leaf.rows = facts.analyze and leaf.state == "scanned" and leaf.totals.rows or nil
    else
      leaf.state = "plan"
      absent[#absent + 1] = leaf
    end
  end
  if each.inserted then
    decide_inserted(each, nodes, facts)
  else
    decide_absent(each, absent, nodes, facts)
  end
  each.counts = { scanned = 0, plan = 0, startup = 0, runtime = 0, not_executed = 0 }
  for _, leaf in ipairs(each.leaf_states) do
    each.counts[leaf.state] = each.counts[leaf.state] + 1
  end
end

-- Leaves that each loop of an Append chose anew: { loops, scans, possible }; nil when none were.
local function chosen_in_loops(each, nodes)
  local above, scans_done, members = nil, 0, 0
  for _, scan in ipairs(each.found) do
    local node = nodes[scan.index]
    if not node.parent or not is_append(nodes[node.parent]) or above and above ~= node.parent then
      return nil
    end
    above = node.parent
    scans_done, members = scans_done + node.loops, members + 1
  end
  local append = above and nodes[above]
  if append and not append.parallel and append.loops * members > scans_done then
    if was_read_to_end(nodes, above) then
      return { loops = append.loops, scans = scans_done, possible = append.loops * members }
    end
  end
end

-- Rows that UPDATE and MERGE put into leaves: a row moves, or is new.
local function decide_written(each, nodes)
  for _, node in ipairs(nodes) do
    if node.type == "ModifyTable" and node.alias == each.alias and nodes.written then
      for _, leaf in ipairs(each.leaf_states) do
        local n = nodes.written[leaf.relation.oid] or 0
        leaf.written = n > 0 and node.relation == each.relation.relname and n or nil
      end
    end
  end
end

-- Decides about every table (of occurrences.find). facts: analyze, version, pruning_on, generic,
-- relations, conn, planned() -> the OIDs that planning locks.
function pruning.decide(tables, nodes, facts)
  local trees = {}
  for _, each in ipairs(tables) do
    local path = facts.relations:path(each.relation)
    local top = path[#path]
    each.shared = trees[top.oid]
    if trees[top.oid] then
      trees[top.oid].shared = true
    end
    trees[top.oid] = trees[top.oid] or each
    each.shared = each.shared and true
  end
  for _, each in ipairs(tables) do
    decide_table(each, nodes, facts)
    if not each.inserted then
      decide_written(each, nodes)
      each.in_loops = facts.analyze and each.partitioned and chosen_in_loops(each, nodes)
      each.conditions, each.reason, each.hint = predicate.explain(each, nodes, facts)
    end
  end
end

-- A table as the JSON contract has it.
function pruning.document(each)
  local scanned, empty, written = json.array {}, json.array {}, json.array {}
  for _, leaf in ipairs(each.leaf_states) do
    if leaf.written or each.inserted and leaf.state == "scanned" then
      written[#written + 1] = leaf.relation.name
    end
    if leaf.state == "scanned" then
      scanned[#scanned + 1] = leaf.relation.name
      if leaf.rows == 0 then
        empty[#empty + 1] = leaf.relation.name
      end
    end
  end
  local counts = each.counts
  return {
    table = each.relation.name,
    alias = each.alias,
    partitioned = each.partitioned,
    operation = each.inserted and "insert" or "scan",
    leaves = #each.leaves,
    scanned = scanned,
    pruned = { plan = counts.plan, startup = counts.startup, runtime = counts.runtime },
    not_executed = counts.not_executed,
    empty = empty,
    written = written,
    reason = each.reason or json.null,
    hint = each.hint or json.null,
  }
end

return pruning
