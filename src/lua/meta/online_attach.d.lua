---@meta partdemo.online_attach
-- How a partition that a detach took out comes back. Source: src/lua/online_attach.lua.
local attach = {}

-- Raises what would keep it from that: another partition with a part of its bound, its rows out of it, rows of it in the
-- default partition.
---@param ctx partdemo.Context
---@param vars table<string, string>
---@param is_late? boolean  something was changed already
function attach.refuse(ctx, vars, is_late) end

-- Attaches it; others wait for milliseconds.
---@param ctx partdemo.Context
---@param vars table<string, string>
function attach.again(ctx, vars) end

return attach
