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
