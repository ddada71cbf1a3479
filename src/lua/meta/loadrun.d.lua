---@meta partdemo.loadrun
-- Source: src/lua/loadrun.lua.
local loadrun = {}

---@class partdemo.LoadShape
---@field clients integer
---@field jobs integer
---@field rate number  operations a second; 0 = closed loop
---@field poisson boolean
---@field pipeline integer
---@field ops integer  0 = no limit
---@field seconds? number  absent = no end

---@class partdemo.LoadDone: partdemo.LoadResult
---@field elapsed number  seconds
---@field mix partdemo.LoadedMix
---@field shape partdemo.LoadShape
---@field partitions { table: string, name: string, rows: integer }[]  rows inserted into each leaf; empty when the server is gone

-- A load step's fields with their defaults. settings: those of the program, for SIMULATOR_INTERVAL_MS.
---@param step partdemo.LoadStep
---@param settings table<string, any>
---@return partdemo.LoadShape
function loadrun.shape(step, settings) end

-- Runs a mix. The first Ctrl-C lets it finish what is due, the second ends it at once; both are a normal end.
---@param ctx partdemo.Context
---@param name string
---@param shape partdemo.LoadShape
---@return partdemo.LoadDone
function loadrun.run(ctx, name, shape) end

return loadrun
