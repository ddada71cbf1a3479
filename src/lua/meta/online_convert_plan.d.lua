---@meta partdemo.online_convert_plan
-- The plans of the steps of scenarios/online/convert.lua, for --dry-run. Each gives statements and changes nothing.
-- Source: src/lua/online_convert_plan.lua.
local convert_plan = {}

-- Also says what will be and who would be in the way now, and raises what the run would refuse.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function convert_plan.begin(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function convert_plan.build(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function convert_plan.promise(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function convert_plan.swap(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function convert_plan.settle(ctx) end

return convert_plan
