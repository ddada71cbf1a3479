-- The scans of relations in a plan, and which of them belong together.
local scans = {}

local appends = { Append = true, ["Merge Append"] = true }

-- "x_12" -> "x", 12. The server puts such an end to the alias of each leaf of an Append.
function scans.strip(alias)
  local base, number = alias:match "^(.*)_([1-9]%d*)$"
  if base then
    return base, tonumber(number)
  end
  return alias, 0
end

-- The nearest Append above a node, within the same subplan.
local function append_above(nodes, i)
  local node = nodes[i]
  while node.parent and node.relationship ~= "InitPlan" and node.relationship ~= "SubPlan" do
    i = node.parent
    node = nodes[i]
    if appends[node.type] then
      return i
    end
  end
end

local function unquoted(name)
  return name:sub(1, 1) == '"' and name:sub(2, -2):gsub('""', '"') or name
end

-- Relations of a join or aggregate that a foreign server does: "(public.a x) INNER JOIN (public.b)".
local function remote_relations(found, node, add)
  for _, relation in ipairs(found.list) do
    local at, last = node.relations:find(relation.qualified, 1, true)
    local after = at and node.relations:sub(last + 1)
    if at and after:find "^[ )]" or after == "" then
      local alias = after:match '^ ("[^"]+")' or after:match "^ ([%w_$\128-\255]+)%)"
      add(relation, alias and unquoted(alias) or relation.relname)
    end
  end
end

-- Every scan of a relation in the plan.
function scans.of(nodes, found)
  local list = {}
  for i, node in ipairs(nodes) do
    local function add(relation, alias)
      list[#list + 1] = {
        index = i,
        node = node,
        relation = relation,
        alias = alias,
        append = append_above(nodes, i),
      }
    end
    if node.type == "ModifyTable" then -- luacheck: ignore 542
    elseif node.relation and found:named(node.schema, node.relation) then
      add(found:named(node.schema, node.relation), node.alias or node.relation)
    elseif node.relations and not node.relation then
      remote_relations(found, node, add)
    end
  end
  return list
end

local function by_number(a, b)
  if a.number ~= b.number then
    return a.number < b.number
  end
  return a.index < b.index
end

-- Divides scans with the same alias into runs in which no leaf comes twice.
local function runs(group)
  table.sort(group, by_number)
  local list, current, seen = {}, nil, {}
  for _, scan in ipairs(group) do
    if not current or seen[scan.relation.oid] then
      current, seen = {}, {}
      list[#list + 1] = current
    end
    current[#current + 1] = scan
    seen[scan.relation.oid] = true
  end
  return list
end

-- Scans by alias and by the Append that they are in, in the order in which the statement names them.
function scans.units(list_of_scans, key_of)
  local by_key, list = {}, {}
  for _, scan in ipairs(list_of_scans) do
    local key = key_of(scan)
    if not by_key[key] then
      by_key[key] = {}
      list[#list + 1] = by_key[key]
    end
    table.insert(by_key[key], scan)
  end
  local units = {}
  for _, group in ipairs(list) do
    for _, run in ipairs(runs(group)) do
      units[#units + 1] = run
    end
  end
  table.sort(units, function(a, b)
    return by_number(a[1], b[1])
  end)
  return units
end

return scans
