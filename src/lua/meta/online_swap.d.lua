---@meta partdemo.online_swap
-- Source: src/lua/online_swap.lua.
local swap = {}

-- Puts the new partitions in the place of the old one, which goes to the schema partdemo.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
function swap.run(ctx, change) end

-- What swap.run sends.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@return string
---@return table details  what the run has to know afterwards
function swap.statements(ctx, change) end

-- Reads the notices of the last statement: how many tables PostgreSQL attached without a scan. Shows warnings.
---@param conn partdemo.Conn
---@return integer
function swap.proofs(conn) end

-- Says how long a swap took.
---@param ctx partdemo.Context
---@param seconds number
---@param tries integer  those that backed out before
---@param proof { implied: integer, of?: string }  what was attached, and how much of it without a scan
function swap.say(ctx, seconds, tries, proof) end

return swap
