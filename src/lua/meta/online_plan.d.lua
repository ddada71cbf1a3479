---@meta partdemo.online_plan
-- What an online change would do, for --dry-run. Source: src/lua/online_plan.lua.
local plan = {}

-- ctx.plan, while there is one: what the steps would send is listed.
---@class partdemo.OnlinePlan
local OnlinePlan = {}

---@class partdemo.PlannedStatement
---@field sql string
---@field comment? string
---@field lock? string  what locks.describe() says of it
---@field frame? boolean  it only begins, ends or sets something

-- The comment of the next statement, unless it has one.
---@param comment? string
function OnlinePlan:explain(comment) end

-- Lists a statement that only surrounds others.
---@param statement string
function OnlinePlan:frame(statement) end

-- Lists what would be sent at once; an answer with which the step goes on as if all was well.
---@param statements string
---@return partdemo.Result
function OnlinePlan:add(statements) end

-- Rolls back what the first step tried. Nothing is to be printed before.
function OnlinePlan:close() end

-- The field `plan` of a step that does `call`. place: "begin" for the step that makes what the others work on, which
-- is tried, "first" for another one that no step comes before.
---@param call partdemo.FunctionStep
---@param place? "begin"|"first"
---@return fun(ctx: partdemo.Context): partdemo.PlannedStatement[], string[]  and lines about it
function plan.of(call, place) end

return plan
