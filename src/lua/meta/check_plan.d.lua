---@meta partdemo.check_plan
-- Checks of plans. Scenarios use `require "partdemo.check"`, which describes them. Source: src/lua/check_plan.lua.
local check_plan = {}

---@type table<string, partdemo.CheckKind>
check_plan.kinds = {}

return check_plan
