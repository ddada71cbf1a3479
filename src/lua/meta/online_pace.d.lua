---@meta partdemo.online_pace
-- How fast a copy goes: so that the writers' p99 stays below --p99, and no replica is further behind than --lag.
-- Source: src/lua/online_pace.lua.
local pace = {}

---@class partdemo.Pace
---@field size integer  rows that the next batch is to have
local Pace = {}

-- Calls f(pace). Whatever becomes of it, the connection that measures is closed then. Raises what f raises.
---@param ctx partdemo.Context  params: lag, p99, patience
---@param f fun(pace: partdemo.Pace)
---@return partdemo.Pace
function pace.around(ctx, f) end

-- Pauses, and adapts the size. Raises when a replica stays behind for longer than --patience.
---@param seconds number  that the batch took
function Pace:after_batch(seconds) end

-- Words for the status line.
---@return string
function Pace:state() end

-- How long it paused and for whom, in words; nil when --p99 and --lag are 0.
---@return string?
function Pace:summary() end

return pace
