---@meta partdemo.online
-- Online changes of partitions, for scenarios/online. The functions that take a context are steps: `{ call = f, say = }`.
-- Each goes on from where the run stands in partdemo.runs, and writes its end there in the transaction that ends
-- it. Source: src/lua/online*.lua, sql/online/*.sql, src/sql/online_*.sql.
local online = {}

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

-- Validates foreign keys that came back NOT VALID, compares the definitions.
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
