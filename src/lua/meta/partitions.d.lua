---@meta partdemo.partitions
-- Tables and the partitions below them, with rows and sizes. Source: src/lua/partitions.lua, src/sql/partition_tree.sql.
local partitions = {}

---@class partdemo.TreeOptions
---@field estimate? boolean  rows and sizes of the last ANALYZE or VACUUM instead of counted and measured ones

-- nil when there is no table of that name. Raises when the role may not read it, or when it is no name.
---@param conn partdemo.Conn
---@param name string  as SQL writes it
---@param opts? partdemo.TreeOptions
---@return partdemo.Tree?
function partitions.find(conn, name, opts) end

-- The same, but raises when there is no such table, with what there is instead.
---@param conn partdemo.Conn
---@param name string
---@param opts? partdemo.TreeOptions
---@return partdemo.Tree
function partitions.tree(conn, name, opts) end

return partitions
