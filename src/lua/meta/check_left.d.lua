---@meta partdemo.check_left
-- Checks of what a change left behind. Scenarios use `require "partdemo.check"`, which describes them. Source: src/lua/check_left.lua.
local check_left = {}

---@type table<string, partdemo.CheckKind>
check_left.kinds = {}

return check_left
