---@meta partdemo.runreport
-- How a run of a scenario looks on the terminal; with --brief a line for each step. Source: src/lua/runreport.lua.
local runreport = {}

-- The first line of a run.
---@param loaded partdemo.Scenario
---@param counter? string  "[2/5] ", when it is a step of another scenario and shown as its heading
function runreport.scenario(loaded, counter) end

-- The tables before the first step; not when brief.
---@param ctx table  the run
function runreport.tables_before(ctx) end

-- The heading of a step.
---@param step partdemo.Step
---@param counter string
---@param title string
function runreport.step_begins(step, counter, title) end

-- When brief: the line of a step.
---@param step partdemo.Step
---@param counter string
---@param title string
---@param done { ms: number, rows?: integer, statements?: integer }
function runreport.step_ended(step, counter, title, done) end

-- A check that was looked at; when brief, one that holds only if it has a detail.
---@param description string
---@param ok boolean
---@param detail? string
function runreport.check(description, ok, detail) end

-- When brief: one line for checks that all hold.
---@param ctx partdemo.Context
---@param count integer  the last ones of ctx.checks
---@param silent integer  those of which nothing was said
function runreport.checks_hold(ctx, count, silent) end

-- The tables as they are now, with what changed, and what each step took.
---@param ctx table  the run
function runreport.summary(ctx) end

-- A step's title with the run's parameters in it.
---@param step partdemo.Step
---@param params table<string, any>
---@return string
function runreport.title(step, params) end

-- A note of the options that ask for more than what is there, where the scenario can begin anew.
---@param of partdemo.Scenario
---@param values table<string, any>
function runreport.unused(of, values) end

-- The run as `--format json` prints it.
---@param ctx partdemo.Context
---@return table
function runreport.document(ctx) end

return runreport
