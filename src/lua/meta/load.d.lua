---@meta partdemo.load
-- The worker threads of a load run. Each has a Lua state of its own, in which partdemo.mixdrive loads the mix again.
-- Nothing here waits for the threads but result() and close(): while they work, the tasks of the main thread do
-- theirs. Source: src/bind/load.c and load_meter.c over src/core/load.h.
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
---@field watch? partdemo.LoadWatch  keep every operation, for log()

---@class partdemo.LoadWatch
---@field slow? number  seconds: longer waits are counted as slow
---@field expected string[]  SQLSTATEs that are not counted as unexpected

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

-- Begins, for so many seconds; without them until drain() or stop(). The moment, on the clock of sched.now().
---@param seconds? number
---@return number
function Load:go(seconds) end

-- Nothing more becomes due; what is due is still done.
function Load:drain() end

-- Ends at once: what was sent is awaited for a second.
function Load:stop() end

-- A reader of the live counters. Each has its own last reading, so that several do not disturb each other.
---@return partdemo.Meter
function Load:meter() end

---@class partdemo.Meter
local Meter = {}

---@class partdemo.LoadReading
---@field ops integer  acknowledged so far, as all counts here
---@field errors integer
---@field retries integer
---@field reconnects integer
---@field connected integer  clients that have a connection now
---@field backlog integer  operations that are due and not yet sent, now
---@field lag number  seconds that the oldest of those has waited; 0 without any
---@field seconds number  since the last reading of this meter, or since it was made; what follows is of that interval
---@field rate number  acknowledged operations a second
---@field p50? number  seconds, from the due time, off by at most 3.2 %; absent when nothing was acknowledged
---@field p99? number
---@field max? number

---@return partdemo.LoadReading
function Meter:read() end

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
---@field cancelled integer  among the failed ones: under way when the run ended, and cancelled: undone
---@field unsent integer  due, but the run ended first
---@field reconnects integer
---@field lag partdemo.LoadTimes  how late an operation was sent although a client was free
---@field cpu number  seconds of processor time of the threads
---@field elapsed number  seconds from go() until the last operation had ended
---@field stopped? { entry: integer, sqlstate: string, message: string }  the error of an entry with on_error = "stop" that ended the run

-- Waits for the threads' end.
---@return partdemo.LoadResult
function Load:result() end

-- Of a watched load so far. waiting: seconds that the oldest write has been due, 0 when none waits.
---@return { answered: integer, slow: integer, unexpected: integer, waiting: number }
function Load:watched() end

-- Of a watched load, after result().
---@return partdemo.OpLog
function Load:log() end

function Load:close() end

return load
