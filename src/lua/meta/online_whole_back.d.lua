---@meta partdemo.online_whole_back
-- The way back from a migration. Source: src/lua/online_whole_back.lua.
local whole_back = {}

-- Adds to each member what its triggers' states are.
---@param ctx partdemo.Context
---@param members table[]  rows of src/sql/online_members.sql
function whole_back.remember(ctx, members) end

-- The change with old and new exchanged.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@return partdemo.OnlineChange
function whole_back.reversed(ctx, change) end

-- Makes the old table one that the run alone writes to; within a transaction.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange  reversed
---@param vars table<string, string>
function whole_back.keep(ctx, change, vars) end

-- As whole.statements().
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange  reversed
---@param vars table<string, string>
---@return string[] statements
---@return string[] validate
---@return { adopt: { name: string, statement: string }[] }
function whole_back.statements(ctx, change, vars) end

return whole_back
