---@meta partdemo.online_names
-- Names on the command line, as psql reads them. Source: src/lua/online_names.lua.
local names = {}

-- The name and, if it has one, the schema of a relation; a word that is not written as SQL has it is a name as it is.
---@param text string
---@return string
---@return string?
function names.read(text) end

-- The partition of that name, or nil.
---@param conn partdemo.Conn
---@param table_name string
---@param text string
---@return table?
function names.partition(conn, table_name, text) end

-- The table as a whole, in the same words, or nil.
---@param conn partdemo.Conn
---@param table_name string
---@return table?
function names.table(conn, table_name) end

-- The words of a list of names, as they were typed.
---@param list string
---@return string[]
function names.list(list) end

-- The name of a new partition. Raises when it has a schema.
---@param text string
---@param option string  where it was given
---@return string
function names.new(text, option) end

-- The same of a list.
---@param list string
---@param option string
---@return string[]
function names.all_new(list, option) end

return names
