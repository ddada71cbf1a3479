---@meta partdemo.load
-- The worker threads of a load run. Each has a Lua state of its own, in which partdemo.mix loads the mix again.
-- Source: src/bind/load.c over src/core/load.h.
local load = {}

---@class partdemo.LoadOptions
---@field clients integer
---@field jobs integer  threads, at most as many as clients
---@field seed integer
---@field run integer  the run's tag, for gen.unique
---@field rate number  operations a second of all clients; 0 = closed loop
---@field poisson? boolean
---@field pipeline integer  operations sent together, as one transaction
---@field ops integer  0 = no limit

-- Starts the threads, which connect. settings, keywords: as conn.connect() takes them; job: of mix.job().
---@param settings partdemo.ConnParams
---@param keywords table<string, string>
---@param job string
---@param options partdemo.LoadOptions
---@return partdemo.Load
function load.start(settings, keywords, job, options) end

-- Closed by `local run <close>` and by the collector; that ends the threads.
---@class partdemo.Load
local Load = {}

-- Of all threads together; "starting" while any still connects.
---@return "starting"|"ready"|"done"|"failed"
---@return partdemo.Error? err  why the first one failed
function Load:state() end

-- Begins, for so many seconds; without them until drain() or stop().
---@param seconds? number
function Load:go(seconds) end

-- Nothing more becomes due; what is due is still done.
function Load:drain() end

-- Ends at once: what was sent is awaited for a second.
function Load:stop() end

---@class partdemo.LoadCounters
---@field ops integer
---@field errors integer
---@field retries integer
---@field reconnects integer
---@field connected integer  clients that have a connection
---@field backlog integer  operations that are due and not yet sent

---@return partdemo.LoadCounters
function Load:live() end

-- In seconds.
---@class partdemo.LoadTimes
---@field count integer
---@field mean number
---@field p50 number
---@field p95 number
---@field p99 number
---@field max number

---@class partdemo.LoadEntry
---@field ops integer  acknowledged: the server answered after the commit
---@field rows integer
---@field retries integer
---@field failed integer
---@field errors table<string, integer>  by SQLSTATE; 08006 when the connection was lost; "other" beyond 23 different ones
---@field due partdemo.LoadTimes  from when it was due
---@field sent partdemo.LoadTimes  from when it was sent

---@class partdemo.LoadResult
---@field entries partdemo.LoadEntry[]  in the mix's order
---@field due partdemo.LoadTimes  of all entries
---@field unknown integer  among the failed ones: the connection was lost before the answer
---@field unsent integer  due, but the run ended first
---@field reconnects integer
---@field lag partdemo.LoadTimes  how late an operation was sent although a client was free
---@field cpu number  seconds of processor time of the threads

-- Waits for the threads' end.
---@return partdemo.LoadResult
function Load:result() end

function Load:close() end

return load
