---@meta partdemo.online_convert_back
-- --keep-old and --undo of a conversion. Source: src/lua/online_convert_back.lua, sql/online/convert_back_*.sql.
local convert_back = {}

-- Keeps the run, and what is needed to go back. Raises when it was swapped without --keep-old.
---@param ctx partdemo.Context
function convert_back.keep(ctx) end

-- Turns the run round. Raises when there is no way back, when something was altered since the swap, or when the other
-- partitions have more rows than can be moved within --stall.
---@param ctx partdemo.Context
function convert_back.turn(ctx) end

-- Unique indexes as they were before they were made wider, built CONCURRENTLY.
---@param ctx partdemo.Context
function convert_back.build(ctx) end

-- The swap back in one transaction.
---@param ctx partdemo.Context
function convert_back.swap(ctx) end

-- Gives up a way back that is not swapped; the table stays partitioned.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function convert_back.give_up(ctx, this) end

-- Whether the table is plain again; why not.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function convert_back.is_undone(conn, params) end

return convert_back
