---@meta partdemo.loadrun
-- Source: src/lua/loadrun.lua.
local loadrun = {}

---@class partdemo.LoadShape
---@field clients integer
---@field jobs integer
---@field rate number  operations a second; 0 = closed loop
---@field poisson boolean
---@field pipeline integer
---@field batch integer  rows an INSERT, of entries that do not say
---@field jsonl boolean  events on stdout
---@field ops integer  0 = no limit
---@field seconds? number  absent = no end
---@field ending? string  what ends it then, in words; Ctrl-C when absent

---@class partdemo.LoadDone: partdemo.LoadResult
---@field mix partdemo.LoadedMix
---@field shape partdemo.LoadShape
---@field partitions partdemo.LeafWrites[]  of the mix's tables; empty when the server is gone
---@field failed? partdemo.Error  what ended a worker thread, and with it the run
---@field sessions_left integer  sessions of the load that had not ended at the server a second later

-- Rows written in a leaf during the run, by the server's statistics: of all sessions, rolled back ones included.
---@class partdemo.LeafWrites
---@field table string
---@field name string
---@field inserted integer
---@field updated integer
---@field deleted integer

-- A load step's fields with their defaults. Raises a failure of class "usage" when two of them contradict each other, or
-- the rate is out of range. settings: those of the program, for SIMULATOR_INTERVAL_MS.
---@param step partdemo.LoadStep
---@param settings table<string, any>
---@return partdemo.LoadShape
function loadrun.shape(step, settings) end

-- Raises a usage failure when a table that the mix writes to is not there.
---@param ctx partdemo.Context
---@param loaded partdemo.LoadedMix
function loadrun.check_tables(ctx, loaded) end

---@class partdemo.StartedLoad
---@field run partdemo.Load
---@field mix partdemo.LoadedMix
---@field shape partdemo.LoadShape

-- Connects the clients of a mix and prepares their statements; nothing is sent until run:go(). For those who do other
-- things meanwhile: start, run:go(), run:drain() or run:stop(), wait until run:state() is no longer "ready", finish.
---@param ctx partdemo.Context
---@param name string
---@param shape partdemo.LoadShape
---@param options? { watch?: partdemo.LoadWatch, plans?: (partdemo.LedgerPlan|false)[], names?: table<string, string>, nth?: integer }  names: of mix.load(); nth: what is added to the seed, else the number of loads before it
---@return partdemo.StartedLoad
function loadrun.start(ctx, name, shape, options) end

-- Ends the load, if it has not ended yet, and sums it up.
---@param ctx partdemo.Context
---@param started partdemo.StartedLoad
---@return partdemo.LoadDone
function loadrun.finish(ctx, started) end

-- All of it. The first Ctrl-C lets it finish what is due, the second ends it at once; both are a normal end.
---@param ctx partdemo.Context
---@param name string
---@param shape partdemo.LoadShape
---@return partdemo.LoadDone
function loadrun.run(ctx, name, shape) end

return loadrun
