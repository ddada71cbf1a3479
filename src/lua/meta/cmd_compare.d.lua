---@meta partdemo.cmd_compare
-- Source: src/lua/cmd_compare.lua.
local cmd_compare = {}

-- Two files that `run --under --format json` wrote. Raises a usage failure.
---@param paths { [1]: string, [2]: string }
function cmd_compare.run(paths) end

return cmd_compare
