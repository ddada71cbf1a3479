---@meta partdemo.bound
-- Source: src/lua/bound.lua.
local bound = {}

-- The bound of check.partition's arguments in PostgreSQL's words.
---@param a table
---@return string
function bound.describe(a) end

-- Whether a relation has that bound; values are compared by the server.
---@param conn partdemo.Conn
---@param found partdemo.Relation
---@param a table
---@return boolean
function bound.same(conn, found, a) end

return bound
