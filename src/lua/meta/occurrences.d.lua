---@meta partdemo.occurrences
-- Which tables a statement names. Source: src/lua/occurrences.lua.
local occurrences = {}

---@class partdemo.Occurrence
---@field relation partdemo.PlanRelation
---@field alias string
---@field leaves partdemo.PlanRelation[]  in the order of their bounds
---@field scans partdemo.Scan[]  of the plan without pruning
---@field found partdemo.Scan[]  of the real plan
---@field inserted? boolean  the target of INSERT
---@field unseen? boolean  in no plan
---@field leaf_states partdemo.LeafState[]  set by pruning.decide(), as are the following
---@field counts { scanned: integer, plan: integer, startup: integer, runtime: integer, not_executed: integer }
---@field partitioned boolean
---@field conditions? string[]
---@field reason? string
---@field hint? string

-- Rows that the transaction put into each relation, by OID; less those of `before`.
---@param conn partdemo.Conn
---@param found partdemo.PlanRelations
---@param before? table<integer, integer>
---@return table<integer, integer>
function occurrences.written(conn, found, before) end

-- In the order in which the statement first names their aliases; with the same alias, in that of the plan. context: OIDs locked after and held before planning.
---@param found partdemo.PlanRelations
---@param base partdemo.PlanNodes  planned without pruning
---@param nodes partdemo.PlanNodes
---@param context { locked: table<integer, true>, held: table<integer, true>, sql: string }
---@return partdemo.Occurrence[]
function occurrences.find(found, base, nodes, context) end

return occurrences
