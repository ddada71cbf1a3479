-- Questions to the catalog and to the data. The SQL is in src/sql, built into the program.
local sys = require "partdemo.sys"

local catalog = {}

local cache = {}

-- Runs the embedded query `name` (src/sql/NAME.sql) with text parameters; its result.
function catalog.query(conn, name, ...)
  cache[name] = cache[name] or assert(sys.embedded(name .. ".sql"), name)
  return conn:exec(cache[name], ...)
end

-- The first row, or nil.
function catalog.first(conn, name, ...)
  return catalog.query(conn, name, ...)[1]
end

-- What a relation is (src/sql/relation.sql), or nil when there is none of that name.
function catalog.relation(conn, name)
  return catalog.first(conn, "relation", name)
end

-- The name of an existing relation, quoted for use in a statement.
local function quoted(conn, name)
  return conn:exec("SELECT $1::regclass::text AS name", name)[1].name
end
catalog.quoted = quoted

-- Rows of a table, counted; nil when there is no such table.
function catalog.rows(conn, name)
  local found = conn:exec("SELECT to_regclass($1)::text AS name", name)[1].name
  return found and conn:exec(("SELECT count(*) AS n FROM %s"):format(found))[1].n
end

-- Count and content hash of a table; the hash does not depend on the order of rows or on where they
-- are stored. columns: a list for SELECT, the table's own when nil.
function catalog.content(conn, name, columns)
  columns = columns or catalog.first(conn, "columns", name).list
  local sql = "SELECT count(*) AS rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text AS hash "
    .. "FROM (SELECT %s FROM %s) AS r"
  return conn:exec(sql:format(columns, quoted(conn, name)))[1], columns
end

-- Rows of every leaf of the table of that quoted name, by OID, in one snapshot.
local function leaf_rows(conn, name)
  local sql = "SELECT tableoid::bigint AS oid, count(*) AS n FROM %s GROUP BY tableoid"
  local counted = {}
  for _, row in ipairs(conn:exec(sql:format(name))) do
    counted[row.oid] = row.n
  end
  return counted
end

-- The partition tree of a table with exact rows and bytes: { name, bound, leaf, rows, bytes, strategy,
-- key, detach_pending, partitions = { the same, ... } }; nil when there is no such table.
function catalog.tree(conn, name)
  local found = catalog.query(conn, "partition_tree", name)
  if #found == 0 then
    return nil
  end
  local rows = leaf_rows(conn, found[1].name)
  local nodes = {}
  for i, row in ipairs(found) do
    local node = {
      name = row.name,
      bound = row.bound,
      leaf = not row.partitioned,
      strategy = row.strategy,
      key = row.key,
      detach_pending = row.detach_pending,
      bytes = row.bytes,
      rows = rows[row.oid] or 0,
      partitions = {},
    }
    nodes[row.oid] = node
    if i > 1 then
      local parent = nodes[row.parent]
      parent.partitions[#parent.partitions + 1] = node
    end
  end
  local function sum(node)
    for _, partition in ipairs(node.partitions) do
      sum(partition)
      node.rows = node.rows + partition.rows
      node.bytes = node.bytes + partition.bytes
    end
    return node
  end
  return sum(nodes[found[1].oid])
end

-- Leaves of a tree.
function catalog.leaves(node)
  if #node.partitions == 0 then
    return node.leaf and 1 or 0
  end
  local n = 0
  for _, partition in ipairs(node.partitions) do
    n = n + catalog.leaves(partition)
  end
  return n
end

return catalog
