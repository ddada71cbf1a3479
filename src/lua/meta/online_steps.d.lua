---@meta partdemo.online_steps
-- What a scenario of an online change is made of besides its own steps. Source: src/lua/online_steps.lua.
local steps = {}

-- The parameter of a scenario that changes one partition.
---@type partdemo.Param
steps.partition = {}

-- A scenario's own parameters, after --table and before --stall, --patience, --abort and the like.
---@param own partdemo.Param[]
---@param kind { copies?: boolean, can_undo?: boolean }  it copies rows (--lag, --p99); it has --keep-old and --undo
---@return partdemo.Param[]
function steps.params(own, kind) end

-- The steps as they are without --abort and --undo, and those that are all with one of these.
---@param abort partdemo.FunctionStep
---@param list partdemo.CallStep[]
---@param undo? partdemo.CallStep[]  steps.way_back()
---@param keep? partdemo.CallStep  of --keep-old; by default that of changes that copy
---@return partdemo.CallStep[]
function steps.of(abort, list, undo, keep) end

-- The steps of --undo.
---@param operation "split"|"merge"|"migrate"
---@return partdemo.CallStep[]
function steps.way_back(operation) end

-- The check for `after`: no run is left and, unless --abort was given, is_done holds.
---@param operation string
---@param say string  may hold ${param}
---@param is_done fun(conn: partdemo.Conn, params: partdemo.Params): boolean, string?
---@param is_undone? fun(conn: partdemo.Conn, params: partdemo.Params): boolean, string?  after --undo; by default: what was replaced is attached
---@return partdemo.Check
function steps.done(operation, say, is_done, is_undone) end

return steps
