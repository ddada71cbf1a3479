---@meta partdemo.check_catalog
-- Checks of the catalog: tables, partitions, bounds, indexes, constraints, sequences. Scenarios use `require "partdemo.check"`, which describes them. Source: src/lua/check_catalog.lua.
local check_catalog = {}

---@type table<string, partdemo.CheckKind>
check_catalog.kinds = {}

return check_catalog
