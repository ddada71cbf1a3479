---@meta partdemo.online_altered
-- What somebody gives to a table while an online change of it lasts. Source: src/lua/online_altered.lua.
local altered = {}

-- Raises when a table of the change is not defined any more as when the run began, or has something that cannot be
-- carried over.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange | partdemo.OnlineConversion
function altered.refuse(ctx, change) end

-- The session remembers what hangs on the table, as partdemo.hangs() says it; the swap backs out when it is another thing
-- by then.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange | partdemo.OnlineConversion
function altered.note_what_hangs(ctx, change) end

-- Both before a try to swap.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange | partdemo.OnlineConversion
function altered.before_swap(ctx, change) end

return altered
