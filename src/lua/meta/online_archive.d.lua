---@meta partdemo.online_archive
-- The archive of a detached partition. Source: src/lua/online_archive.lua.
local archive = {}

-- --archive, quoted; nil when it was not given.
---@param ctx partdemo.Context
---@return string?
function archive.name(ctx) end

-- Whether there is such a table. Raises when it does not suit.
---@param ctx partdemo.Context
---@param source table
---@param name string
---@return boolean
function archive.is_there(ctx, source, name) end

-- Makes it like the partition: columns, row security, and no privileges that others do not have there.
---@param ctx partdemo.Context
---@param vars table<string, string>
function archive.make(ctx, vars) end

-- Raises when count or content differ.
---@param ctx partdemo.Context
---@param vars table<string, string>
function archive.prove(ctx, vars) end

-- With --drop: raises what would keep the partition from being dropped, and warns of what will be lost with it.
---@param ctx partdemo.Context
---@param source table
---@param name string
function archive.foresee(ctx, source, name) end

-- Takes the copies out of an archive that was there before; raises when it has rows within the bound that the detached
-- table has not.
---@param ctx partdemo.Context
---@param vars table<string, string>
function archive.take_out(ctx, vars) end

-- Drops an archive that the run made.
---@param ctx partdemo.Context
function archive.drop(ctx) end

return archive
