---@meta partdemo.cmd_explain
-- partdemo explain. Source: src/lua/cmd_explain.lua.
local cmd_explain = {}

---@param parsed { words: string[], options: table<string, string|boolean|string[]> }  of args.parse
function cmd_explain.run(parsed) end

return cmd_explain
