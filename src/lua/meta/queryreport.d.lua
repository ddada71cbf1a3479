---@meta partdemo.queryreport
-- Source: src/lua/queryreport.lua.
local queryreport = {}

-- What was expected of a table and what was found, in one line.
---@param query string
---@param each { name: string, expected: any, got: any }
---@return string
function queryreport.mismatch(query, each) end

-- Explains the columns.
function queryreport.legend() end

-- Notes on what makes a comparison unfair.
---@param name string
---@param rows integer
---@param other string
---@param other_rows integer
---@return string
function queryreport.unequal(name, rows, other, other_rows) end

---@param name string
---@return string
function queryreport.not_analyzed(name) end

-- Prints the queries of a file. unfair: what speaks against the comparison; nil when nothing was compared.
---@param rows table[]
---@param unfair? string[]
---@param shown table<string, string>  what was shown of each query before in this run; kept over it
function queryreport.print(rows, unfair, shown) end

return queryreport
