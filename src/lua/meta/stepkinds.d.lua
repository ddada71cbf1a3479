---@meta partdemo.stepkinds
-- What parameters and steps of a scenario may have: descriptions for schema.walk(). Source: src/lua/stepkinds.lua.
local stepkinds = {}

---@type partdemo.Description
stepkinds.param = {}

---@param value any
---@param path string
---@param report partdemo.Report
function stepkinds.checks(value, path, report) end

---@param value any
---@param path string
---@param report partdemo.Report
function stepkinds.step(value, path, report) end

return stepkinds
