---@meta partdemo.mixdrive
-- The part of a mix that a worker thread runs, in the Lua state of that thread. Source: src/lua/mixdrive.lua.
local mixdrive = {}

-- In a worker's state: the entries for src/bind/load.c.
---@param job string
---@return table[]
function mixdrive.worker(job) end

-- In a worker's state: runs a mix that has functions, until the run is over.
---@param worker partdemo.Worker
---@param entries table[]  of mixdrive.worker()
---@param seed integer
function mixdrive.drive(worker, entries, seed) end

return mixdrive
