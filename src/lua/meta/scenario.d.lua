---@meta partdemo.scenario
-- Source: src/lua/scenario.lua.
local scenario = {}

-- Raises a usage failure with all mistakes.
---@param root string
---@param given string  a name or a path
---@return partdemo.LoadedScenario
function scenario.load(root, given) end

-- What a step is called in the output.
---@param step partdemo.Step
---@return string
function scenario.step_title(step) end

return scenario
