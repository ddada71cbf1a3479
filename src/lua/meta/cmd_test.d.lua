---@meta partdemo.cmd_test
-- Source: src/lua/cmd_test.lua.
local cmd_test = {}

-- `partdemo test FILE...`. Raises a failure of the first failed flow's class; 5 when a scratch database is left.
---@param parsed table
---@param root string
---@param seed integer
function cmd_test.run(parsed, root, seed) end

return cmd_test
