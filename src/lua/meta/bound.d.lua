---@meta partdemo.bound
-- Source: src/lua/bound.lua.
local bound = {}

-- The bound of check.partition's arguments in PostgreSQL's words.
---@param a table
---@return string
function bound.describe(a) end

-- A value of a bound as text, or a key word such as MINVALUE, NULL or true.
---@alias partdemo.BoundValue string|{ keyword: string }

---@class partdemo.Bound
---@field default? true
---@field from? partdemo.BoundValue[]  of a range, one for each key column; included
---@field to? partdemo.BoundValue[]  excluded
---@field values? partdemo.BoundValue[]  of a list
---@field modulus? integer
---@field remainder? integer

-- A bound in PostgreSQL's words, such as Tree.bound, taken apart.
---@param words string
---@return partdemo.Bound
function bound.parse(words) end

-- Whether a relation has that bound; values are compared by the server.
---@param conn partdemo.Conn
---@param found partdemo.Relation
---@param a table
---@return boolean
function bound.same(conn, found, a) end

return bound
