---@meta partdemo.cmd_env
-- Source: src/lua/cmd_env.lua.
local cmd_env = {}

---@param options table<string, string|boolean>  of args.parse
function cmd_env.run(options) end

return cmd_env
