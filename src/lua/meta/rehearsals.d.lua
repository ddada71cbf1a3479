---@meta partdemo.rehearsals
-- How a rehearsal is asked for: --under, `rehearse` steps. Source: src/lua/rehearsals.lua.
local rehearsals = {}

-- From the options of the command line. Raises a failure of class "usage".
---@param ctx partdemo.Context
---@param given table<string, any>
---@return partdemo.Rehearsal
function rehearsals.of_command(ctx, given) end

-- Refuses a step that cannot be done with these parameters. Needs no server.
---@param ctx { scenario: partdemo.LoadedScenario, params: partdemo.Params, root: string }
---@param step partdemo.RehearseStep
function rehearsals.check(ctx, step) end

-- What a step rehearses, for --dry-run.
---@param ctx partdemo.Context
---@param step partdemo.RehearseStep
---@return string
function rehearsals.describe(ctx, step) end

-- Performs a step; its impact is in ctx.impacts, also when it fails.
---@param ctx partdemo.Context
---@param step partdemo.RehearseStep
---@param run_scenario fun(ctx: partdemo.Context, name: string, given: table, rehearsal: fun(nested: partdemo.Context): partdemo.Rehearsal)
function rehearsals.run(ctx, step, run_scenario) end

return rehearsals
