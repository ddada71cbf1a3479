---@meta partdemo.engine
-- Source: src/lua/engine.lua.
local engine = {}

-- Runs ctx.scenario, fills outcome, done, checks, statements and the trees, and raises what went wrong.
---@param ctx partdemo.Context
function engine.run(ctx) end

-- Gives a context what checks and steps note in it.
---@param base table
---@return partdemo.Context
function engine.new_context(base) end

-- Whether the end state is there, so that a run would change nothing.
---@param ctx partdemo.Context
---@return boolean
function engine.is_already_done(ctx) end

-- The steps that the parameters ask for.
---@param ctx partdemo.Context
---@return partdemo.Step[]
function engine.steps(ctx) end

-- A `run` step: another scenario of scenarios/ on the same connection. For a `rehearse` step, rehearsal makes what it
-- is rehearsed by, from its own context.
---@param ctx partdemo.Context
---@param name string
---@param given table<string, string|number|boolean>
---@param rehearsal? fun(nested: partdemo.Context): partdemo.Rehearsal
function engine.run_nested(ctx, name, given, rehearsal) end

-- Raises that a scenario is not there which this one needs, or not as it has to be.
---@param ctx partdemo.Context
---@param name string
---@param detail string
function engine.lacks(ctx, name, detail) end

return engine
