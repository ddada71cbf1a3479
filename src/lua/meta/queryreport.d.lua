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

-- Prints the queries of a file. unequal: tables whose rows are not as many as those compared with; nil when nothing
-- was compared.
---@param rows table[]
---@param unequal? { name: string, other: string, rows: integer, other_rows: integer }[]
function queryreport.print(rows, unequal) end

return queryreport
