---@meta partdemo.predicate
-- Why leaves were pruned or not. Source: src/lua/predicate.lua.
local predicate = {}

-- The conditions to show, the reason and the hint.
---@param each partdemo.Occurrence
---@param nodes partdemo.PlanNodes
---@param facts table  as for pruning.decide()
---@return string[] conditions
---@return string? reason
---@return string? hint
function predicate.explain(each, nodes, facts) end

return predicate
