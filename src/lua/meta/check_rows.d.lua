---@meta partdemo.check_rows
-- Checks of the rows. Scenarios use `require "partdemo.check"`, which describes them. Source: src/lua/check_rows.lua.
local check_rows = {}

---@type table<string, partdemo.CheckKind>
check_rows.kinds = {}

return check_rows
