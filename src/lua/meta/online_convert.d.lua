---@meta partdemo.online_convert
-- The steps of scenarios/online/convert.lua: a plain table becomes a partition of the one that takes its name. Source:
-- src/lua/online_convert.lua, sql/online/convert_*.sql.
local convert = {}

-- Parameters of the scenario, besides those that all online changes have.
---@type partdemo.Param[]
convert.params = {}

-- Looks at the table, refuses what cannot be carried over, makes the new table aside; or finds the run that was begun
-- before.
---@param ctx partdemo.Context
function convert.begin(ctx) end

-- Foreign keys of the new table; wider unique indexes on the old one, built CONCURRENTLY.
---@param ctx partdemo.Context
function convert.build(ctx) end

-- A validated CHECK of the bound, and the proof on an empty table that it spares the scan.
---@param ctx partdemo.Context
function convert.promise(ctx) end

-- The swap in one transaction.
---@param ctx partdemo.Context
function convert.swap(ctx) end

-- Validates foreign keys that came back NOT VALID, analyzes, compares the definitions.
---@param ctx partdemo.Context
function convert.settle(ctx) end

---@param ctx partdemo.Context
function convert.finish(ctx) end

-- Removes every trace, as long as nothing was swapped.
---@param ctx partdemo.Context
function convert.abort(ctx) end

-- Whether the table is partitioned as the parameters ask for; why not, or how.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function convert.is_done(conn, params) end

-- Ends a run that was left behind.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function convert.end_left(ctx, this) end

return convert
