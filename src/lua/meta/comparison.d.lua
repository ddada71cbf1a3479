---@meta partdemo.comparison
-- Impacts side by side. Source: src/lua/comparison.lua.
local comparison = {}

-- Prints those of these names, and what they come to. Raises a failure when one is not there, or has no step.
---@param names string[]
---@param by_name table<string, partdemo.Impact>
function comparison.print(names, by_name) end

return comparison
