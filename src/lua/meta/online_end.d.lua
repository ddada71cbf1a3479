---@meta partdemo.online_end
-- The end of a split or merge. Source: src/lua/online_end.lua.
local online_end = {}

---@param ctx partdemo.Context
function online_end.settle(ctx) end

---@param ctx partdemo.Context
function online_end.finish(ctx) end

---@param ctx partdemo.Context
---@param operation "split"|"merge"
function online_end.abort(ctx, operation) end

return online_end
