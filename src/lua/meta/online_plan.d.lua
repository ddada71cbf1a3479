---@meta partdemo.online_plan
-- What an online change would do, for --dry-run. Source: src/lua/online_plan.lua.
local plan = {}

-- ctx.plan, while there is one: what the steps would send is listed.
---@class partdemo.OnlinePlan
local OnlinePlan = {}

-- A statement as --dry-run shows it.
---@class partdemo.PlannedStatement
---@field sql string  as it would be sent
---@field comment? string  what it is for, shown above it
---@field locks? partdemo.StatementLock[]|string  see locks.find()
---@field frame? boolean  it only begins, ends or sets something

-- A comment of the next statement.
---@param comment? string
function OnlinePlan:explain(comment) end

-- Lists a statement that only surrounds others.
---@param statement string
function OnlinePlan:frame(statement) end

-- Lists what would be sent at once; an answer with which the step goes on as if all was well.
---@param statements string
---@return partdemo.Result
function OnlinePlan:add(statements) end

-- When all steps are listed: notes who is in the way, and rolls back what the first step tried. Nothing is to be printed
-- before.
---@param ctx partdemo.Context
function OnlinePlan:close(ctx) end

-- The field `plan` of a step that does `call`. place: "begin" for the step that makes what the others work on, which
-- is tried, "first" for another one that no step comes before.
---@param call partdemo.FunctionStep
---@param place? "begin"|"first"
---@return fun(ctx: partdemo.Context): partdemo.PlannedStatement[], string[]  and lines about it
function plan.of(call, place) end

return plan
