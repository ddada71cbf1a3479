---@meta partdemo.pruning
-- What became of each leaf. Source: src/lua/pruning.lua.
local pruning = {}

---@class partdemo.LeafState
---@field relation partdemo.PlanRelation
---@field state "scanned"|"plan"|"startup"|"runtime"|"not_executed"
---@field rows? number  that it gave; nil: not known
---@field written? integer  rows put into it
---@field totals? { rows?: number, ms: number, buffers: integer, filtered: number, loops: number, type: string, index?: string }

-- facts: planned() gives the OIDs that planning without execution locks.
---@param tables partdemo.Occurrence[]
---@param nodes partdemo.PlanNodes
---@param facts { analyze: boolean, version: integer, pruning_on: boolean, generic?: boolean, relations: partdemo.PlanRelations, conn: partdemo.Conn, planned: fun(): table<integer, true> }
function pruning.decide(tables, nodes, facts) end

---@param each partdemo.Occurrence
---@return partdemo.ExplainedTable
function pruning.document(each) end

return pruning
