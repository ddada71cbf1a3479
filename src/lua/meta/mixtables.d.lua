---@meta partdemo.mixtables
-- Source: src/lua/mixtables.lua.
local mixtables = {}

-- The tables that a mix names or writes to, each once.
---@param value partdemo.Mix
---@return string[]
function mixtables.of(value) end

-- The entries and tables of the same mix on other tables; the mix itself when there are no names. Raises a failure of
-- class "usage" for a name that the mix does not have, and for a mix of Lua functions.
---@param path string  of the mix, for messages
---@param value partdemo.Mix
---@param names table<string, string>
---@return { tables?: string[], [integer]: partdemo.MixEntry }
function mixtables.renamed(path, value, names) end

return mixtables
