---@meta partdemo.rehearse
-- `run --under`: the steps of a scenario while a load runs. Source: src/lua/rehearse.lua.
local rehearse = {}

-- Durations in seconds.
---@class partdemo.RehearsalOptions
---@field mix string
---@field on? table<string, string>  other tables for it to use
---@field rate? number  operations a second; absent: half of what the server sustains
---@field max? boolean  closed loop
---@field clients integer
---@field warmup number
---@field cooldown number
---@field max_stall? number
---@field max_p99? number
---@field max_errors? integer
---@field short? boolean  the report is no more than the verdict, the timeline and the phases

---@class partdemo.Rehearsal
---@field document? table  the impact, when it has ended; "impact" of the JSON document
local Rehearsal = {}

-- Raises a usage failure; needs no server.
---@param ctx partdemo.Context
---@param options partdemo.RehearsalOptions
---@return partdemo.Rehearsal
function rehearse.new(ctx, options) end

-- Warm-up, perform(), cool-down, report. Raises what perform() raised, after the report.
---@param ctx partdemo.Context
---@param perform fun()
function Rehearsal:around(ctx, perform) end

-- A step begins, on ctx.conn; what end_step() takes.
---@param ctx partdemo.Context
---@param title string
---@param of partdemo.Step
---@return table
function Rehearsal:begin_step(ctx, title, of) end

-- Between two statements of a step: raises when it has gone beyond a limit.
function Rehearsal:heed() end

-- A step's transaction is about to end: its locks are noted.
---@param ctx partdemo.Context
function Rehearsal:before_commit(ctx) end

---@param ctx partdemo.Context
---@param step table
---@param ok boolean
---@param e any  what it raised
function Rehearsal:end_step(ctx, step, ok, e) end

-- Raises what was found wrong although the scenario ran through: limits, errors, reconciliation.
function Rehearsal:conclude() end

return rehearse
