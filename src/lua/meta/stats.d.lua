---@meta partdemo.stats
-- How rows and bytes spread over the leaves of a table. Source: src/lua/stats.lua.
local stats = {}

-- The statistics as the JSON output has them.
---@param conn partdemo.Conn
---@param root partdemo.Tree
---@return table
function stats.document(conn, root) end

-- The same as text for people, with a newline at its end.
---@param document table
---@param root partdemo.Tree
---@return string
function stats.render(document, root) end

return stats
