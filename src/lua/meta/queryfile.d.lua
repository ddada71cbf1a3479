---@meta partdemo.queryfile
-- Files of named queries. Source: src/lua/queryfile.lua.
local queryfile = {}

---@class partdemo.NamedQuery
---@field name string
---@field comment string  what else stands above it
---@field line integer
---@field first integer  its first statement in the file
---@field query integer  the one that is the query
---@field last integer

---@class partdemo.QueryFile
---@field [integer] partdemo.NamedQuery
---@field parsed partdemo.SqlText
---@field path string

---@param path string
---@param vars? table<string, string|number|boolean>
---@param names? table<string, string>  other names for identifiers, see sqltext.split
---@return partdemo.QueryFile?
---@return partdemo.Error? err  with file and line
function queryfile.read(path, vars, names) end

---@param list partdemo.QueryFile
---@return string[]
function queryfile.names(list) end

-- Descriptions of `expect` and `compare` for partdemo.schema.
---@param value any
---@param path string
---@param report fun(path: string, message: string)
function queryfile.expectations(value, path, report) end

---@param value any
---@param path string
---@param report fun(path: string, message: string)
function queryfile.other_names(value, path, report) end

-- Reports expectations of queries that are not in the file.
---@param step partdemo.QueryStep
---@param list partdemo.QueryFile
---@param at string  the step's place in the scenario
---@param report fun(message: string)
function queryfile.check_expected(step, list, at, report) end

return queryfile
