---@meta partdemo.online_convert_swap
-- The swap of a conversion. Source: src/lua/online_convert_swap.lua.
local convert_swap = {}

-- psql variables of sql/online/convert_*.sql; bound is the target's, else what the plain table gets.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
---@param target? partdemo.OnlineTarget
---@return table<string, string>
function convert_swap.variables(ctx, change, target) end

-- Statements for a further partition, besides what it has from its parent.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
---@param target partdemo.OnlineTarget
---@return string[]
function convert_swap.leaf_definition(ctx, change, target) end

-- Builds the index of CREATE UNIQUE INDEX CONCURRENTLY, unless it is there and valid.
---@param ctx partdemo.Context
---@param source table  the plain table, as src/sql/online_source.sql has it
---@param statement string
function convert_swap.build_beside(ctx, source, statement) end

-- Drops what was built so and not used yet.
---@param ctx partdemo.Context
---@param source table
function convert_swap.drop_beside(ctx, source) end

-- Notes what the tables are made of now, for the swap to insist on.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
function convert_swap.mark(ctx, change) end

-- Sends a swap until it gets its locks in time. Raises when somebody altered something.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
---@param make fun(ctx: partdemo.Context, change: partdemo.OnlineConversion): string, table  the swap, and what the run has to know afterwards
---@param hint string  of that error
---@return integer implied  tables that were attached without a scan
---@return number seconds  of the try that succeeded
---@return integer tries  in vain
function convert_swap.send(ctx, change, statement, details, hint) end

-- What convert_swap.run sends.
---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
---@return string
---@return table details  what the run has to know afterwards
function convert_swap.statements(ctx, change) end

---@param ctx partdemo.Context
---@param change partdemo.OnlineConversion
function convert_swap.run(ctx, change) end

return convert_swap
