---@meta partdemo.online_left
-- Runs that were left behind. Source: src/lua/online_left.lua.
local left = {}

-- A step: runs on the tables or below them that are swapped are finished, others aborted.
---@param tables string[]
---@return fun(ctx: partdemo.Context)
function left.end_all(tables) end

-- Notes the runs with the commands that end them, once.
---@param ctx partdemo.Context
---@param others partdemo.OnlineRun[]  of run.all
function left.name_others(ctx, others) end

-- How to end the first run that there is; nil when there is none.
---@param conn partdemo.Conn
---@return string?
function left.hint(conn) end

return left
