---@meta partdemo.args
-- Source: src/lua/args.lua.
local args = {}

-- A command line by the option table; `run` keeps options that it does not know as the scenario's.
---@param words string[]
---@return { command?: partdemo.Command, words: string[], options: table<string, string|boolean|string[]>, params: { name: string, value?: string, separate?: boolean }[] }
function args.parse(words) end

return args
