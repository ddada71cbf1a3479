---@meta partdemo.steps
-- Source: src/lua/steps.lua.
local steps = {}

-- Parameters as psql variables.
---@param values partdemo.Params
---@return table<string, string>
function steps.variables(values) end

-- Refuses the mixes of load and rehearse steps that have mistakes. Needs no server.
---@param ctx { scenario: partdemo.LoadedScenario, params: partdemo.Params, root: string }
function steps.check_mixes(ctx) end

-- What is said of a check that is not comparable().
---@type string
steps.NOT_COMPARED = ""

-- Whether a check says something in this run: not about what changed, under a load.
---@param ctx partdemo.Context
---@param each partdemo.Check
---@return boolean
function steps.comparable(ctx, each) end

-- The statements of the SQL file of a step, and the file's path. step.values: psql variables; the parameters when nil.
---@param ctx partdemo.Context
---@param step { sql?: string, query?: string, values?: table<string, string> }
---@return partdemo.SqlText
---@return string
function steps.statements(ctx, step) end

-- Performs a step, whatever it ensures; what it did.
---@param ctx partdemo.Context
---@param step partdemo.Step
---@param run_scenario fun(ctx: partdemo.Context, name: string, given: table, rehearsal?: function)
---@return { file?: string, rows?: integer, statements?: integer }
function steps.perform(ctx, step, run_scenario) end

-- Runs a check and reports it in ctx.checks and in the output.
---@param ctx partdemo.Context
---@param each partdemo.Check
---@param kind partdemo.ResultKind
---@return boolean ok
---@return string? detail
function steps.look(ctx, each, kind) end

-- Runs a list of checks; how many do not hold.
---@param ctx partdemo.Context
---@param checks partdemo.Check[]
---@param kind partdemo.ResultKind
---@return integer
function steps.look_all(ctx, checks, kind) end

-- Tells ctx.on_result of a step or a check.
---@param ctx partdemo.Context
---@param row partdemo.TestResult
function steps.tell(ctx, row) end

---@param ctx partdemo.Context
---@param kind partdemo.ResultKind
---@param each partdemo.Check
---@param ok boolean
---@param detail? string
function steps.tell_check(ctx, kind, each, ok, detail) end

return steps
