---@meta partdemo.online_end
-- The end of a split or merge. Source: src/lua/online_end.lua.
local online_end = {}

---@param ctx partdemo.Context
function online_end.settle(ctx) end

---@param ctx partdemo.Context
function online_end.finish(ctx) end

-- Removes every trace of a run that is not swapped.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function online_end.take_back(ctx, this) end

---@param ctx partdemo.Context
---@param operation "split"|"merge"
function online_end.abort(ctx, operation) end

return online_end
