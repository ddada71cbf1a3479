-- Questions to the catalog and to the data. The SQL is in src/sql, built into the program.
local fail = require "partdemo.fail"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

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

-- Raises the error of a query that was given a relation's name: in plain words when the name is not one,
-- because what the server says of a syntax error leads nowhere.
function catalog.raise(e, name)
  local codes = { ["42601"] = true, ["42602"] = true, ["0A000"] = true, ["22023"] = true }
  if type(e) ~= "table" or not codes[e.sqlstate] then
    error(e, 0)
  end
  fail.raise("usage", ("not the name of a table: %s"):format(text.visible(name)), {
    detail = text.visible(e.message),
    hint = 'Names are written as in SQL: orders, sales.orders, public."Odd Name".',
  })
end

-- What a relation is (src/sql/relation.sql), or nil when there is none of that name.
function catalog.relation(conn, name)
  local ok, found = fail.call(catalog.first, conn, "relation", name)
  return ok and found or not ok and catalog.raise(found, name) or nil
end

-- As scenarios/lib/demo.lua has them.
local demo =
  { event_logs = true, users_distributed = true, orders_by_region = true, sales_data = true }

-- Raises that there is no table of that name, with what could be meant.
function catalog.no_table(conn, name, class)
  local names = {}
  for i, row in ipairs(catalog.query(conn, "table_names", utf8.len(name) or #name)) do
    names[i] = row.name
  end
  local near = text.nearest(name, names)
  local hint = near and ("Did you mean %s?"):format(text.visible(near))
  if demo[name:match "[^.]*$"] then
    hint = "'partdemo run setup' makes the demo's tables."
  end
  fail.raise(class, ("there is no table %s"):format(text.visible(name)), { hint = hint })
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

-- The tree of a table (partdemo.partitions), rows counted; nil when there is no such table.
function catalog.tree(conn, name)
  return require("partdemo.partitions").find(conn, name)
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
