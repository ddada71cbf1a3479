-- Which tables a statement names, each as often as it names it, and which nodes of the plan scan the
-- leaves of each. The plan made without pruning has them all; the real plan's scans are matched to it.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local scans = require "partdemo.scans"

local occurrences = {}

-- Rows put into each relation by this transaction, by OID; less those of `before`.
function occurrences.written(conn, found, before)
  local oids, counts = json.array {}, {}
  for i, row in ipairs(found.list) do
    oids[i] = row.oid
  end
  for _, row in ipairs(catalog.query(conn, "explain_written", json.encode(oids))) do
    counts[row.oid] = row.n - (before and before[row.oid] or 0)
  end
  return counts
end

-- Where an identifier stands in the statement, or nil.
local function mentioned(sql, name)
  local word = "[^%w_]" .. name:lower():gsub("%p", "%%%0") .. "[^%w_]"
  return ((" " .. sql:lower() .. " "):find(word))
end

local function leaf_set(group)
  local set = {}
  for _, scan in ipairs(group) do
    set[scan.relation.oid] = true
  end
  return set
end

local function covers(found, relation, set, exactly)
  local leaves, n, total = found:leaves(relation), 0, 0
  for _ in pairs(set) do
    total = total + 1
  end
  for _, leaf in ipairs(leaves) do
    n = n + (set[leaf.oid] and 1 or 0)
  end
  return n == total and (not exactly or n == #leaves)
end

-- The relation that the statement names when it scans these leaves: the lowest that has them all. When
-- several have just these leaves, the highest of them that is locked: the ones below it are locked too.
local function named_relation(found, group, context)
  local set, first = leaf_set(group), group[1].relation
  local lowest
  local function has_leaf(relation)
    return covers(found, relation, set)
  end
  local path = found:path(first)
  for _, relation in ipairs(path) do
    if not lowest and (has_leaf(relation) or (#group == 1 and relation == first)) then
      lowest = relation
    elseif lowest and #found:leaves(relation) == #group and covers(found, relation, set, true) then
      lowest = context.locked[relation.oid] and relation or lowest
    end
  end
  return lowest or path[#path]
end

-- The part found before that another part completes, by its place; nil when there is none.
local function other_part(merged, unit)
  local set = leaf_set(unit)
  for i = #merged, 1, -1 do
    local other = merged[i]
    if other[1].base == unit[1].base and other[1].top == unit[1].top and not other.whole then
      local overlap = false
      for _, scan in ipairs(other) do
        overlap = overlap or set[scan.relation.oid]
      end
      if not overlap then
        return i
      end
    end
  end
end

-- Puts together the parts of a table that is joined or aggregated by partition at several levels.
local function merge_parts(found, units)
  local merged = {}
  for _, unit in ipairs(units) do
    local i = unit[1].in_tree and other_part(merged, unit)
    if i then
      table.move(unit, 1, #unit, #merged[i] + 1, merged[i])
    else
      i = #merged + 1
      merged[i] = unit
    end
    merged[i].whole = covers(found, unit[1].top, leaf_set(merged[i]), true)
  end
  return merged
end

-- Long names lose their end to make room for the number of a leaf.
local function shown_alias(base, relation)
  if #base >= 58 and relation.relname:sub(1, #base) == base then
    return relation.relname
  end
  return base
end

-- The node for which a scan finds the least or the greatest value: min() and max() read a table by its
-- index once for each of them.
local function is_bound_of(nodes, scan, context)
  local sql = context.sql:lower()
  if not sql:find "%f[%w_]min%s*%(" and not sql:find "%f[%w_]max%s*%(" then
    return nil
  end
  local i = scan.index
  while nodes[i].parent and nodes[i].relationship ~= "InitPlan" do
    i = nodes[i].parent
  end
  return nodes[i].type == "Limit" and nodes[i].relationship == "InitPlan" and nodes[i].parent
end

local function merge_bounds(nodes, list, context)
  local merged = {}
  for _, each in ipairs(list) do
    local owner = is_bound_of(nodes, each.scans[1], context)
    local first
    for _, other in ipairs(merged) do
      if owner and other.owner == owner and other.alias == each.alias then
        first = other.relation == each.relation and other
      end
    end
    if not first then
      each.owner = owner
      merged[#merged + 1] = each
    end
  end
  return merged
end

-- Every scan with `base`, the alias in the statement, as far as it can be told from the alias in the plan;
-- `top`, the highest table above its leaf that the statement may name; `number`, its place.
local function named_scans(nodes, found, context)
  local all, names = scans.of(nodes, found), {}
  for _, scan in ipairs(all) do
    names[scan.alias] = true
  end
  for _, scan in ipairs(all) do
    scan.top = scan.relation
    for i, relation in ipairs(found:path(scan.relation)) do
      -- A table with children is scanned as its own child.
      if context.locked[relation.oid] and (i > 1 or #relation.children > 0) then
        scan.top, scan.in_tree = relation, true
      end
    end
    local base, number = scans.strip(scan.alias)
    local is_made_up = scan.in_tree and scan.append
      or names[base] and not mentioned(context.sql, scan.alias)
    scan.base, scan.number = is_made_up and base or scan.alias, is_made_up and number or 0
  end
  return all
end

-- The occurrences that a plan shows, made from all of its scans.
local function occurrences_of(nodes, found, context)
  local units = scans.units(named_scans(nodes, found, context), function(scan)
    local place = scan.in_tree and scan.append
      or scan.append and "u" .. scan.append
      or "i" .. scan.index
    return ("%s\0%s\0%s"):format(scan.base, scan.top.oid, place)
  end)
  local list = {}
  for _, unit in ipairs(merge_parts(found, units)) do
    local relation = named_relation(found, unit, context)
    list[#list + 1] = {
      relation = relation,
      base = unit[1].base,
      alias = shown_alias(unit[1].base, relation),
      scans = unit,
    }
  end
  return merge_bounds(nodes, list, context)
end

-- The conditions of a scan without its alias, to tell scans of two occurrences apart.
local function signature(scan)
  local node = scan.node
  local parts = {}
  for _, name in ipairs { "filter", "index_cond", "recheck_cond", "tid_cond" } do
    local conditions = (node[name] or ""):gsub(scan.alias:gsub("%p", "%%%0") .. "%.", "")
    for part in conditions:gmatch "[%w_'<>=~!]+" do
      parts[#parts + 1] = part
    end
  end
  table.sort(parts)
  return table.concat(parts, " ")
end

-- Of the occurrences that a unit of scans may belong to, the one that it does.
local function choose(unit, candidates)
  local best, most
  for i, each in ipairs(candidates) do
    local score = -i
    local overlap = false
    for _, scan in ipairs(unit) do
      overlap = overlap or each.taken[scan.relation.oid]
    end
    if overlap then
      score = score - 4000
    end
    if signature(each.scans[1]) == signature(unit[1]) then
      score = score + 2000
    end
    if not best or score > most then
      best, most = each, score
    end
  end
  return best
end

local function same_alias(scan, each)
  local base = scans.strip(scan.alias)
  if scan.append and base == each.base then
    return 2
  end
  return (scan.alias == each.alias or base == each.base) and 1
end

local function candidates_for(found, unit, list)
  local best, rank = {}, 0
  for _, each in ipairs(list) do
    local fits = same_alias(unit[1], each)
    for _, scan in ipairs(unit) do
      fits = covers(found, each.relation, { [scan.relation.oid] = true }) and fits
    end
    if fits and fits > rank then
      best, rank = { each }, fits
    elseif fits and fits == rank then
      best[#best + 1] = each
    end
  end
  return best
end

-- Gives each scan of the real plan to an occurrence; what fits none makes one of its own.
local function match(nodes, found, list, context)
  local units = scans.units(named_scans(nodes, found, context), function(scan)
    return ("%s\0%s\0%s"):format(scan.base, scan.append or "i" .. scan.index, signature(scan))
  end)
  for _, each in ipairs(list) do
    each.found, each.taken = {}, {}
  end
  for _, unit in ipairs(units) do
    local candidates = candidates_for(found, unit, list)
    local each = #candidates == 1 and candidates[1] or choose(unit, candidates)
    if not each then
      each = { scans = unit, base = unit[1].base, found = {}, taken = {} }
      each.relation = named_relation(found, unit, context)
      each.alias = shown_alias(unit[1].base, each.relation)
      list[#list + 1] = each
    end
    for _, scan in ipairs(unit) do
      each.taken[scan.relation.oid] = true
      table.insert(each.found, scan)
    end
  end
end

-- Leaves in the order of their bounds, which is that of the plan without pruning.
local function leaves_in_order(found, each)
  local list, seen = {}, {}
  for _, scan in ipairs(each.scans) do
    if not seen[scan.relation.oid] then
      seen[scan.relation.oid] = true
      list[#list + 1] = scan.relation
    end
  end
  if #list == 1 and list[1] == each.relation then
    return list -- a plain table, or ONLY the table
  end
  for _, leaf in ipairs(found:leaves(each.relation)) do
    if not seen[leaf.oid] then
      list[#list + 1] = leaf
    end
  end
  return list
end

local function has_ancestor(found, relation, set)
  for _, above in ipairs(found:path(relation)) do
    if set[above.oid] then
      return true
    end
  end
  return false
end

local after_table = {}
for word in
  ([[where join on using set group order limit left right inner cross full natural union except intersect
  values returning tablesample fetch offset having window for when default as]]):gmatch "%a+"
do
  after_table[word] = true
end

-- What a table is called in the statement, as far as its text tells.
local function alias_in_text(sql, relation)
  local at = mentioned(sql, relation.relname)
  local rest = at and sql:sub(at):match '^[%w_$\128-\255"]+(.*)$' or ""
  local word = rest:match "^%s+[aA][sS]%s+([%a_][%w_]*)" or rest:match "^%s+([%a_][%w_]*)"
  return word and not after_table[word:lower()] and word:lower() or relation.relname
end

-- Tables that no plan shows although the statement names them: all is known to be needless.
local function add_unseen(found, list, context)
  local shown = {}
  for _, each in ipairs(list) do
    for _, relation in ipairs(found:path(each.relation)) do
      shown[relation.oid] = true
    end
    shown[each.relation.oid] = true
  end
  local trees = {}
  for _, relation in ipairs(found.list) do
    trees[relation.oid] = context.locked[relation.oid] and not context.held[relation.oid] or nil
  end
  for _, relation in ipairs(found.list) do
    local parent = found.by_oid[relation.parent]
    if
      trees[relation.oid]
      and not shown[relation.oid]
      and not (parent and has_ancestor(found, parent, trees))
      and mentioned(context.sql, relation.relname)
    then
      list[#list + 1] = {
        relation = relation,
        alias = alias_in_text(context.sql, relation),
        base = relation.relname,
        scans = {},
        found = {},
        unseen = true,
        only = context.sql
          :lower()
          :find("%f[%w_]only[%s(]+[^%s]*" .. relation.relname:lower():gsub("%p", "%%%0"))
          ~= nil,
      }
    end
  end
end

-- INSERT and MERGE put rows into leaves that no scan shows.
local function add_targets(nodes, found, list)
  for _, node in ipairs(nodes) do
    local relation = node.type == "ModifyTable"
      and node.operation == "Insert"
      and node.relation
      and found:named(node.schema, node.relation)
    if relation then
      for i = #list, 1, -1 do
        if list[i].unseen and list[i].relation == relation then
          table.remove(list, i)
        end
      end
      table.insert(list, 1, {
        relation = relation,
        alias = scans.strip(node.alias or relation.relname) == relation.relname
            and relation.relname
          or node.alias
          or relation.relname,
        base = "",
        scans = {},
        found = {},
        inserted = true,
      })
    end
  end
end

-- The occurrences of a statement's tables, in the order in which it names them: { relation, alias,
-- leaves = relations, scans = of the plan without pruning, found = of the real plan }.
-- context: locked, held: sets of OIDs after and before planning; sql.
function occurrences.find(found, base, nodes, context)
  local list = occurrences_of(base, found, context)
  match(nodes, found, list, context)
  add_unseen(found, list, context)
  add_targets(nodes, found, list)
  for i, each in ipairs(list) do
    each.leaves = leaves_in_order(found, each)
    each.place = each.inserted and 0 or mentioned(context.sql, each.alias) or #context.sql + 2
    each.order = i
  end
  table.sort(list, function(a, b)
    if a.place ~= b.place then
      return a.place < b.place
    end
    return a.order < b.order
  end)
  return list
end

return occurrences
