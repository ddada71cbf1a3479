---@meta partdemo.params
-- Source: src/lua/params.lua.
local params = {}

-- Names of the types, sorted.
---@type string[]
params.types = {}

-- A parameter as the option of `run` that gives it: `keep_old` is --keep-old (and --keep_old).
---@param name string
---@return string
function params.option(name) end

-- Whether a value of a scenario file, such as a default, is of the type.
---@param type_name string
---@param value any
---@return boolean
function params.suits(type_name, value) end

-- The parameters of a `run` step as resolve() takes those of the command line.
---@param values table<string, string|number|boolean>
---@return { name: string, value: string }[]
function params.words(values) end

-- The values of all parameters; usage failures name the option.
---@param scenario string  its name, for messages
---@param declared partdemo.Param[]
---@param given { name: string, value?: string, separate?: boolean }[]
---@param words string[]  positional arguments
---@return partdemo.Params
function params.resolve(scenario, declared, given, words) end

-- Reports what is wrong with declared parameters: each once, with a default and limits that suit its type.
---@param list partdemo.Param[]
---@param report fun(message: string)
function params.check(list, report) end

return params
