---@meta partdemo.check_schema
-- Checks of what was remembered, and remembering it. Scenarios use `require "partdemo.check"`, which describes them. Source: src/lua/check_schema.lua.
local check_schema = {}

---@type table<string, partdemo.CheckKind>
check_schema.kinds = {}

return check_schema
