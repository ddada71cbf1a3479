-- Reads a table and the partitions below it from the catalog, with their rows, as a tree.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local text = require "partdemo.text"

local partitions = {}

local ATTEMPTS = 3 -- a partition may be dropped while its table is read

local kinds = {
  i = "an index",
  I = "an index",
  v = "a view",
  S = "a sequence",
  c = "a type",
  t = "a TOAST table",
}

-- Raises why there is no tree of that name.
local function refuse(conn, name)
  local found = catalog.relation(conn, name)
  local shown = text.visible(name)
  if found then
    local owner = catalog.first(conn, "index_of", found.oid)
    fail.raise(
      "failed",
      ("%s is %s, not a table"):format(shown, kinds[found.kind] or "another thing"),
      {
        hint = owner and ("It belongs to the table %s."):format(text.visible(owner.name)) or nil,
      }
    )
  end
  -- From PostgreSQL 16 on to_regclass() gives null for what is no name.
  local ok, e = fail.call(conn.exec, conn, "SELECT parse_ident($1)", name)
  if not ok then
    catalog.raise(e, name)
  end
  catalog.no_table(conn, name, "failed")
end

local function no_permission(name)
  fail.raise(
    "failed",
    ("permission denied: your role may not read %s"):format(text.visible(name)),
    {
      hint = "--estimate takes the rows from the catalog instead of counting them.",
    }
  )
end

-- Adds the rows that a relation shows, by the OID of the leaf, to `counted`. Through an ancestor when
-- the role may not read the relation itself; false when there is none that it may read.
local function count(conn, oid, counted)
  local from = catalog.first(conn, "readable", oid)
  if not from then
    return false
  end
  local sql = "SELECT tableoid::bigint AS oid, count(*) AS n FROM %s%s GROUP BY tableoid"
  for _, row in ipairs(conn:exec(sql:format(from.partitioned and "" or "ONLY ", from.name))) do
    counted[row.oid] = row.n
  end
  return true
end

-- The nodes by OID, each with its partitions, and the root.
local function build(found)
  local nodes = {}
  for i, row in ipairs(found) do
    local invalid = {}
    for name in (row.invalid_indexes or ""):gmatch "[^\n]+" do
      invalid[#invalid + 1] = name
    end
    nodes[row.oid] = {
      oid = row.oid,
      name = row.name,
      bound = row.bound,
      leaf = row.kind ~= "p",
      foreign = row.kind == "f",
      strategy = row.strategy,
      key = row.key,
      detach_pending = row.detach_pending,
      estimate = row.estimate,
      indexes = row.indexes,
      invalid_indexes = invalid,
      heap_bytes = row.heap_bytes,
      bytes = row.heap_bytes + row.index_bytes,
      partition_of = row.partition_of,
      children = row.children,
      partitions = {},
    }
    if i > 1 and nodes[row.parent] then
      table.insert(nodes[row.parent].partitions, nodes[row.oid])
    end
  end
  return nodes, nodes[found[1].oid]
end

-- Counts what the root shows, then each partition whose detach is pending, which it does not show.
local function count_all(conn, nodes, root)
  local counted = {}
  if not count(conn, root.oid, counted) then
    no_permission(root.name)
  end
  for _, node in pairs(nodes) do
    if node.detach_pending and not count(conn, node.oid, counted) then
      node.unreadable = true
    end
  end
  return counted
end

-- Sums up a node: rows without those of pending partitions, which are rows_pending; bytes with them.
local function sum(node, rows_of)
  node.rows, node.unknown, node.rows_pending = 0, 0, 0
  if node.leaf then
    node.rows = rows_of(node)
    node.unknown = node.rows and 0 or 1
  end
  for _, partition in ipairs(node.partitions) do
    partition.unreadable = partition.unreadable or node.unreadable
    sum(partition, rows_of)
    node.heap_bytes = node.heap_bytes + partition.heap_bytes
    node.bytes = node.bytes + partition.bytes
    if partition.detach_pending then
      node.rows_pending = node.rows_pending + (partition.rows or 0)
    else
      node.rows = node.rows + (partition.rows or 0)
      node.rows_pending = node.rows_pending + partition.rows_pending
      node.unknown = node.unknown + partition.unknown
    end
  end
end

local function read(conn, name, estimate)
  local found = catalog.query(conn, "partition_tree", name, estimate and "true" or "false")
  if #found == 0 then
    return nil
  end
  local nodes, root = build(found)
  local counted = not estimate and count_all(conn, nodes, root)
  sum(root, function(node)
    if counted then
      return not node.unreadable and (counted[node.oid] or 0) or nil
    end
    return node.estimate >= 0 and math.floor(node.estimate) or nil
  end)
  root.rows_estimated = estimate or nil
  return root, nodes
end

-- Every query of f sees the same state. Within a transaction of the caller, what that one gives. Without JIT:
-- compiling for ten thousand partitions takes longer than reading them.
local function in_snapshot(conn, f, ...)
  if conn:status() ~= "idle" then
    return fail.call(f, conn, ...)
  end
  conn:exec "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off"
  local ok, root, nodes = fail.call(f, conn, ...)
  if ok then
    conn:exec "COMMIT"
  elseif conn:status() ~= "lost" then
    pcall(conn.exec, conn, "ROLLBACK")
  end
  return ok, root, nodes
end

-- A role without USAGE on the schema of a key's type cannot have its values compared.
local function sort(conn, nodes)
  local levels = {}
  for _, node in pairs(nodes) do
    if #node.partitions > 1 then
      levels[#levels + 1] = node
    end
  end
  local ok, e = fail.call(bounds.sort, conn, levels)
  if not ok and (type(e) ~= "table" or e.sqlstate ~= "42501") then
    error(e, 0)
  end
end

-- A table with its partitions at any depth, in the order of their bounds; nil when there is no table of
-- that name. Rows are counted in one snapshot, or with opts.estimate those of the last ANALYZE, and sizes too.
function partitions.find(conn, name, opts)
  local ok, root, nodes
  for attempt = 1, ATTEMPTS do
    ok, root, nodes = in_snapshot(conn, read, name, opts and opts.estimate)
    local dropped = not ok and type(root) == "table" and root.sqlstate == "42P01"
    if ok or not dropped or attempt == ATTEMPTS then
      break
    end
  end
  if not ok then
    catalog.raise(root, name)
  elseif root then
    sort(conn, nodes)
  end
  return root
end

-- The same, but raises when there is no such table: a failure that says what there is.
function partitions.tree(conn, name, opts)
  return partitions.find(conn, name, opts) or refuse(conn, name)
end

return partitions
