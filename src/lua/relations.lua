-- The relations of a plan with their trees of partitions, as the catalog has them.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"

local relations = {}

local methods = {}
methods.__index = methods

-- What the catalog says. The planner takes the recursion for a huge result and would compile it for seconds where a
-- few rows are read; what is explained keeps the session's setting.
local function rows_of(conn, seeds, locked)
  local jit = conn:exec("SHOW jit")[1].jit
  conn:exec "SET LOCAL jit = off"
  local rows = catalog.query(conn, "explain_relations", json.encode(seeds), locked)
  conn:exec("SET LOCAL jit = " .. jit)
  return rows
end

-- The relations that plan nodes name or that are locked (a JSON array of OIDs), and their trees.
function relations.read(conn, nodes, locked)
  local seeds, seen = json.array {}, {}
  local function add(schema, name)
    local key = schema and name and schema .. "\0" .. name
    if key and not seen[key] then
      seen[key] = true
      seeds[#seeds + 1] = { schema = schema, name = name }
    end
  end
  for _, node in ipairs(nodes) do
    add(node.schema, node.relation)
    for _, target in ipairs(node.targets or {}) do
      add(target.schema, target.relation)
    end
  end
  local found = { by_oid = {}, by_name = {}, list = {}, leaf_lists = {} }
  for i, row in ipairs(rows_of(conn, seeds, locked)) do
    row.children = {}
    row.columns = row.columns and json.decode(row.columns)
    found.list[i] = row
    found.by_oid[row.oid] = row
    found.by_name[row.schema .. "\0" .. row.relname] = row
  end
  for _, row in ipairs(found.list) do
    local parent = found.by_oid[row.parent]
    if parent then
      parent.children[#parent.children + 1] = row
    end
  end
  return setmetatable(found, methods)
end

-- Whether two readings found the same relations in the same trees.
function relations.same(a, b)
  if #a.list ~= #b.list then
    return false
  end
  for _, row in ipairs(a.list) do
    local other = b.by_oid[row.oid]
    if not other or other.parent ~= row.parent or other.bound ~= row.bound then
      return false
    end
  end
  return true
end

function methods:named(schema, name)
  return self.by_name[(schema or "") .. "\0" .. name]
end

-- The leaves of a relation in the order of their creation, the default last: itself when it has no
-- partitions. A table with inheritance children holds rows of its own, so it is one of its leaves.
function methods:leaves(relation)
  local list = self.leaf_lists[relation.oid]
  if not list then
    list = {}
    if relation.kind ~= "p" then
      list[1] = relation
    end
    for _, child in ipairs(relation.children) do
      table.move(self:leaves(child), 1, #self:leaves(child), #list + 1, list)
    end
    self.leaf_lists[relation.oid] = list
  end
  return list
end

-- The relation and all above it, itself first.
function methods:path(relation)
  local list = {}
  while relation do
    list[#list + 1] = relation
    relation = self.by_oid[relation.parent]
  end
  return list
end

return relations
