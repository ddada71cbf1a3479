---@meta partdemo.online_plan
-- The plans of the steps of scenarios/online, for --dry-run. Each gives statements and changes nothing.
-- Source: src/lua/online_plan.lua.
local plan = {}

-- Raises when a run is under way already.
---@param ctx partdemo.Context
---@param operation string
function plan.refuse_a_second(ctx, operation) end

-- The statements of a string that is sent at once.
---@param whole string
---@return { sql: string }[]
function plan.parted(whole) end

-- Also says who would be in the way now, and raises what the run would refuse.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.begin(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.begin_merge(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.capture(ctx) end

-- A plan that is the files of sql/online with these names.
---@param ... string
---@return fun(ctx: partdemo.Context): { sql: string, comment?: string }[]
function plan.files(...) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.build(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.drain(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.promise(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.swap(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.settle(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.finish(ctx) end

-- The same for scenarios/online/detach.lua.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.look(ctx) end

---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.detach(ctx) end

-- Files of sql/online about the archive.
---@param ... string
---@return fun(ctx: partdemo.Context): { sql: string, comment?: string }[]
function plan.archive(...) end

-- The new table of a migration.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.begin_migrate(ctx) end

-- Counting the rows that no partition would take.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.fit(ctx) end

-- The proof of an archive and, with --drop, the drop of the partition.
---@param ctx partdemo.Context
---@return { sql: string, comment?: string }[]
function plan.prove(ctx) end

-- Prints what comes along with a table; each thing with --verbose.
---@param ctx partdemo.Context
---@param source table  a row of src/sql/online_source.sql
function plan.say_dependencies(ctx, source) end

return plan
