---@meta partdemo.cmd_server
-- Source: src/lua/cmd_server.lua.
local cmd_server = {}

---@param action "start"|"status"|"env"|"stop"|"destroy"
---@param options table<string, string|boolean>  of args.parse
---@param ask? fun(question: string): boolean
function cmd_server.run(action, options, ask) end

return cmd_server
