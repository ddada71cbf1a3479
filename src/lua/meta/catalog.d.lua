---@meta partdemo.catalog
-- Questions to the catalog and the data, by src/sql/*.sql. Source: src/lua/catalog.lua.
local catalog = {}

-- Source: src/sql/relation.sql.
---@class partdemo.Relation
---@field oid integer
---@field kind string  pg_class.relkind
---@field full_name string  with its schema, quoted where it must be
---@field what string  "a table", "a view", ...
---@field strategy? "range"|"list"|"hash"
---@field key? string  "RANGE (created_at)"
---@field parent? string  of a partition
---@field bound? string  of a partition, as pg_get_expr writes it
---@field columns? string  names, with commas between

-- Source: src/sql/partition_tree.sql, src/lua/partitions.lua.
---@class partdemo.Tree
---@field oid integer
---@field name string  quoted if need be
---@field bound? string
---@field leaf boolean
---@field foreign boolean
---@field strategy? "range"|"list"|"hash"
---@field key? string  columns and expressions, as pg_get_partkeydef writes them
---@field detach_pending boolean
---@field rows? integer  those of its partitions included, without pending ones; nil: not known
---@field rows_pending integer  in partitions below it whose detach is pending
---@field unknown integer  leaves whose rows are not known
---@field rows_estimated? boolean  of the root
---@field estimate number  pg_class.reltuples, -1: never analyzed
---@field bytes integer  with indexes and TOAST, those of its partitions included
---@field heap_bytes integer  of that, without indexes
---@field indexes integer
---@field invalid_indexes string[]
---@field partition_of? string  the parent of the root
---@field children? integer  of a root that is not partitioned: tables that inherit from it
---@field partitions partdemo.Tree[]  in the order of their bounds

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

-- Raises the error of a query that was given a relation's name, in plain words when it is not a name.
---@param e any
---@param name string
function catalog.raise(e, name) end

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

-- partitions.find() with counted rows.
---@param conn partdemo.Conn
---@param name string
---@return partdemo.Tree?
function catalog.tree(conn, name) end

---@param node partdemo.Tree
---@return integer
function catalog.leaves(node) end

return catalog
