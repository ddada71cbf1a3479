---@meta partdemo.schema
-- Validates what users write. Source: src/lua/schema.lua.
local schema = {}

---@alias partdemo.Report fun(path: string, message: string)

-- A type's name, a function that reports mistakes, { list = DESCRIPTION }, or { fields =, required = }.
---@alias partdemo.Description "string"|"boolean"|"integer"|"number"|"function"|"duration"|fun(value: any, path: string, report: partdemo.Report)|{ list: partdemo.Description }|{ fields: table<string, partdemo.Description>, required?: (string|integer)[] }

-- All mistakes, each "path: what is wrong".
---@param value any
---@param description partdemo.Description
---@return string[]
function schema.mistakes(value, description) end

-- The same, reported one by one.
---@param value any
---@param description partdemo.Description
---@param path string
---@param report partdemo.Report
function schema.walk(value, description, path, report) end

-- A description: a string, a number, or a function of the parameters that gives one.
---@param v any
---@param path string
---@param report partdemo.Report
function schema.value(v, path, report) end

-- A description: an SQLSTATE.
---@param v any
---@param path string
---@param report partdemo.Report
function schema.sqlstate(v, path, report) end

-- A description: a table of strings by name.
---@param v any
---@param path string
---@param report partdemo.Report
function schema.renames(v, path, report) end

return schema
