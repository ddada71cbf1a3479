---@meta partdemo.catalog
-- Questions to the catalog and the data, by src/sql/*.sql.
--
-- ```lua
-- for _, partition in ipairs(catalog.tree(ctx.conn, "event_logs").partitions) do
--   print(partition.name, partition.bound, partition.rows)
-- end
-- ```
--
-- Source: src/lua/catalog.lua.
local catalog = {}

-- A table, view, index or sequence. Source: src/sql/relation.sql.
---@class partdemo.Relation
---@field oid integer  of pg_class
---@field kind string  pg_class.relkind
---@field full_name string  with its schema, quoted where it must be
---@field what string  "a table", "a view", ...
---@field strategy? "range"|"list"|"hash"  of a partitioned table
---@field key? string  of a partitioned table: "RANGE (created_at)"
---@field parent? string  of a partition: the table that it is a direct partition of
---@field bound? string  of a partition, as pg_get_expr writes it
---@field columns? string  names, with commas between

-- A table or a partition, with the partitions below it. Source: src/sql/partition_tree.sql, src/lua/partitions.lua.
---@class partdemo.Tree
---@field oid integer  of pg_class
---@field name string  quoted if need be
---@field bound? string  of a partition, as pg_get_expr writes it
---@field leaf boolean  whether it holds rows itself
---@field foreign boolean  whether it is a foreign table
---@field strategy? "range"|"list"|"hash"  of a partitioned table
---@field key? string  of a partitioned table: columns and expressions, as pg_get_partkeydef writes them
---@field detach_pending boolean  whether its DETACH ... CONCURRENTLY has begun and not ended
---@field rows? integer  those of its partitions included, without pending ones; nil: not known
---@field rows_pending integer  in partitions below it whose detach is pending
---@field unknown integer  leaves whose rows are not known
---@field rows_estimated? boolean  of the root
---@field estimate number  pg_class.reltuples, -1: never analyzed
---@field bytes integer  with indexes and TOAST, those of its partitions included
---@field heap_bytes integer  of that, without indexes
---@field indexes integer  how many it has itself
---@field invalid_indexes string[]  names of those that are not valid
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

-- What there is of that name; nil when there is nothing.
---@param conn partdemo.Conn
---@param name string  as SQL writes it
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

-- The table and the partitions below it, with counted rows; nil when there is no such table.
---@param conn partdemo.Conn
---@param name string
---@return partdemo.Tree?
function catalog.tree(conn, name) end

-- Raises that there is no table of that name, with a hint of what could be meant.
---@param conn partdemo.Conn
---@param name string
---@param class "failed"|"check"
function catalog.no_table(conn, name, class) end

-- How many leaves a node of a tree has; 1 when it is one.
---@param node partdemo.Tree
---@return integer
function catalog.leaves(node) end

return catalog
