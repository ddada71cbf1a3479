---@meta partdemo.scans
-- The scans of relations in a plan. Source: src/lua/scans.lua.
local scans = {}

---@class partdemo.Scan
---@field index integer  of its node
---@field node partdemo.PlanNode
---@field relation partdemo.PlanRelation
---@field alias string  in the plan
---@field append? integer  the nearest Append above it
---@field base string  the alias in the statement, as far as known
---@field number integer  what the server put after it

-- "x_12" -> "x", 12; "x" -> "x", 0
---@param alias string
---@return string base
---@return integer number
function scans.strip(alias) end

---@param nodes partdemo.PlanNodes
---@param found partdemo.PlanRelations
---@return partdemo.Scan[]
function scans.of(nodes, found) end

-- Scans with the same key, divided so that none has a leaf twice; in the order of their numbers.
---@param list_of_scans partdemo.Scan[]
---@param key_of fun(scan: partdemo.Scan): string
---@return partdemo.Scan[][]
function scans.units(list_of_scans, key_of) end

return scans
