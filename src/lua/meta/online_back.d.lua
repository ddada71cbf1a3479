---@meta partdemo.online_back
-- --keep-old and --undo. Source: src/lua/online_back.lua.
local back = {}

-- Keeps what was replaced, once; after that brings it up to date. Raises when it was swapped without --keep-old.
---@param ctx partdemo.Context
function back.keep(ctx) end

-- The run of this kind that can go back. Raises when there is none.
---@param ctx partdemo.Context
---@param operation string
---@return partdemo.OnlineRun
function back.find_kept(ctx, operation) end

-- Turns the run round, so that the steps from draining on swap back. Raises when nothing is kept, or when
-- what is there now is defined otherwise.
---@param ctx partdemo.Context
---@param operation string
function back.turn(ctx, operation) end

-- Whether what was replaced is in its place; why not.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function back.is_undone(conn, params) end

return back
