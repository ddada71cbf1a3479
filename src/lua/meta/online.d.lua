---@meta partdemo.online
-- Online changes of partitions, for scenarios/online. The functions that take a context are steps: `{ call = f, say = }`.
-- Each goes on from where the run stands in partdemo.runs, and writes its end there in the transaction that ends
-- it. Source: src/lua/online*.lua, sql/online/*.sql, src/sql/online_*.sql.
local online = {}

-- The parameter of a scenario that changes one partition.
---@type partdemo.Param
online.partition = {}

-- A scenario's own parameters, between --table and --stall, --patience, --lag, --p99, --abort.
---@param own partdemo.Param[]
---@param can_undo? boolean  --keep-old and --undo, too
---@return partdemo.Param[]
function online.with_params(own, can_undo) end

-- The steps as they are without --abort and --undo, and those that are all with one of these.
---@param abort partdemo.FunctionStep
---@param steps partdemo.CallStep[]
---@param undo? partdemo.CallStep[]  online.way_back()
---@return partdemo.CallStep[]
function online.steps(abort, steps, undo) end

-- The steps of --undo.
---@param operation "split"|"merge"|"migrate"
---@return partdemo.CallStep[]
function online.way_back(operation) end

-- The check for `after`: no run is left and, unless --abort was given, is_done holds.
---@param operation string
---@param say string  may hold ${param}
---@param is_done fun(conn: partdemo.Conn, params: partdemo.Params): boolean, string?
---@param is_undone? fun(conn: partdemo.Conn, params: partdemo.Params): boolean, string?  after --undo; by default: what was replaced is attached
---@return partdemo.Check
function online.done(operation, say, is_done, is_undone) end

-- Looks at the partition, refuses what cannot be carried over, makes the new partitions aside; or finds the run that
-- was begun before.
---@param ctx partdemo.Context
function online.begin_split(ctx) end

-- The same for the partitions that become one.
---@param ctx partdemo.Context
function online.begin_merge(ctx) end

-- Triggers note the key of each row that changes.
---@param ctx partdemo.Context
function online.capture(ctx) end

-- Copies the rows in batches, at the pace of partdemo.online_pace.
---@param ctx partdemo.Context
function online.copy(ctx) end

-- Indexes, constraints, owner, privileges and so on, then ANALYZE.
---@param ctx partdemo.Context
function online.build(ctx) end

-- Applies what was noted meanwhile.
---@param ctx partdemo.Context
function online.drain(ctx) end

-- A validated CHECK of the default partition, so that attaching does not scan it.
---@param ctx partdemo.Context
function online.promise(ctx) end

-- Count and content of old and new in one snapshot.
---@param ctx partdemo.Context
function online.verify(ctx) end

-- The swap in one transaction: tried again until it takes less than --stall.
---@param ctx partdemo.Context
function online.swap(ctx) end

-- Validates foreign keys that came back unseen, compares the definitions.
---@param ctx partdemo.Context
function online.settle(ctx) end

-- Drops the old partition and all that the run made for itself.
---@param ctx partdemo.Context
function online.finish(ctx) end

-- Removes every trace of a split, as long as nothing was swapped.
---@param ctx partdemo.Context
function online.abort_split(ctx) end

-- The same for a merge.
---@param ctx partdemo.Context
function online.abort_merge(ctx) end

-- Whether the partitions are merged as the parameters ask for; why not.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function online.is_merged(conn, params) end

-- Whether the table is split as the parameters ask for; why not, or into how many.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function online.is_split(conn, params) end

return online
