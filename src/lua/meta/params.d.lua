---@meta partdemo.params
-- Source: src/lua/params.lua.
local params = {}

-- Names of the types, sorted.
---@type string[]
params.types = {}

-- The values of all parameters; usage failures name the option.
---@param scenario string  its name, for messages
---@param declared partdemo.Param[]
---@param given { name: string, value?: string, separate?: boolean }[]
---@param words string[]  positional arguments
---@return partdemo.Params
function params.resolve(scenario, declared, given, words) end

return params
