---@meta partdemo.stepkinds
-- What parameters and steps of a scenario may have: descriptions for schema.walk(). Source: src/lua/stepkinds.lua.
local stepkinds = {}

-- What a parameter may have.
---@type partdemo.Description
stepkinds.param = {}

-- What a step that is a table may have, by the field that tells its kind.
---@type table<string, partdemo.Description>
stepkinds.kinds = {}

-- A description: a check, or a list of them.
---@param value any
---@param path string
---@param report partdemo.Report
function stepkinds.checks(value, path, report) end

-- A description: a step, that is a function or a table of one of the kinds.
---@param value any
---@param path string
---@param report partdemo.Report
function stepkinds.step(value, path, report) end

return stepkinds
