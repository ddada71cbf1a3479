---@meta partdemo.dryrun
-- Source: src/lua/dryrun.lua.
local dryrun = {}

-- Prints the steps, their SQL and the locks that it takes; changes nothing.
---@param ctx partdemo.Context
function dryrun.run(ctx) end

return dryrun
