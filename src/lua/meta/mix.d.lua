---@meta partdemo.mix
-- Workload mixes: partdemo.Mix in partdemo.d.lua is what a file returns. Source: src/lua/mix.lua.
local mix = {}

---@class partdemo.LoadedMix
---@field name string  as it was given
---@field path string
---@field root string
---@field summary string
---@field entries partdemo.MixEntry[]

-- Loads a mix by the name of one in scenarios/mixes, or by path. Raises all mistakes at once, as a failure of
-- class "usage".
---@param root string
---@param given string
---@return partdemo.LoadedMix
function mix.load(root, given) end

-- Raises when operations are to be sent together and an entry is a function.
---@param loaded partdemo.LoadedMix
---@param pipeline integer
function mix.check_pipeline(loaded, pipeline) end

-- What the worker threads need besides the file: statements, types, sampled keys, as JSON. Raises when the server
-- does not take a statement, or generated values might not fit a column.
---@param conn partdemo.Conn
---@param loaded partdemo.LoadedMix
---@return string
function mix.job(conn, loaded) end

-- In a worker's state: the entries for src/bind/load.c.
---@param job string
---@return table[]
function mix.worker(job) end

-- In a worker's state: runs a mix that has functions, until the run is over.
---@param worker partdemo.Worker
---@param entries table[]  of mix.worker()
---@param seed integer
function mix.drive(worker, entries, seed) end

return mix
