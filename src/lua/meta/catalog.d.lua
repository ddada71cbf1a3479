---@meta partdemo.catalog
-- Questions to the catalog and the data, by src/sql/*.sql. Source: src/lua/catalog.lua.
local catalog = {}

-- Source: src/sql/relation.sql.
---@class partdemo.Relation
---@field oid integer
---@field kind string  pg_class.relkind
---@field strategy? "range"|"list"|"hash"
---@field key? string  "RANGE (created_at)"
---@field parent? string  of a partition
---@field bound? string  of a partition, as pg_get_expr writes it
---@field columns? string  names, with commas between

-- Source: src/sql/partition_tree.sql.
---@class partdemo.Tree
---@field name string  quoted if need be
---@field bound? string
---@field leaf boolean
---@field strategy? "range"|"list"|"hash"
---@field key? string  columns and expressions, as pg_get_partkeydef writes them
---@field detach_pending boolean
---@field rows integer  counted, those of its partitions included
---@field bytes integer  with indexes and TOAST, those of its partitions included
---@field partitions partdemo.Tree[]

-- Runs src/sql/NAME.sql.
---@param conn partdemo.Conn
---@param name string
---@param ... string|number|boolean|nil
---@return partdemo.Result
function catalog.query(conn, name, ...) end

-- Its first row, or nil.
---@param conn partdemo.Conn
---@param name string
---@param ... string|number|boolean|nil
---@return table<string, any>?
function catalog.first(conn, name, ...) end

---@param conn partdemo.Conn
---@param name string
---@return partdemo.Relation?
function catalog.relation(conn, name) end

-- The name of an existing relation, quoted for a statement.
---@param conn partdemo.Conn
---@param name string
---@return string
function catalog.quoted(conn, name) end

-- Rows of a table, counted; nil when there is no such table.
---@param conn partdemo.Conn
---@param name string
---@return integer?
function catalog.rows(conn, name) end

-- Count and content hash; neither depends on the order of rows or on where they are stored.
---@param conn partdemo.Conn
---@param name string
---@param columns? string  a list for SELECT, the table's own by default
---@return { rows: integer, hash: string }
---@return string columns
function catalog.content(conn, name, columns) end

---@param conn partdemo.Conn
---@param name string
---@return partdemo.Tree?
function catalog.tree(conn, name) end

---@param node partdemo.Tree
---@return integer
function catalog.leaves(node) end

return catalog
