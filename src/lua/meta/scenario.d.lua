---@meta partdemo.scenario
-- Source: src/lua/scenario.lua.
local scenario = {}

-- What a scenario file may return, for partdemo.schema.
---@type partdemo.Description
scenario.description = {}

-- Raises a usage failure with all mistakes, those of the scenarios that its steps run among them.
---@param root string
---@param given string  a name or a path
---@param chain? table<string, true>  the paths of the scenarios that run this one
---@return partdemo.LoadedScenario
function scenario.load(root, given, chain) end

-- Raises a usage failure when the scenario, or one that it runs, has a load or rehearsals of its own.
---@param root string
---@param loaded partdemo.LoadedScenario
function scenario.check_rehearsable(root, loaded) end

-- The SQL file of a step, nil when it has none.
---@param step partdemo.Step
---@return string?
function scenario.step_file(step) end

-- What a step is called in the output.
---@param step partdemo.Step
---@return string
function scenario.step_title(step) end

return scenario
