---@meta partdemo.online_split
-- Names and bounds of the partitions that one is split into. Source: src/lua/online_split.lua.
local split = {}

-- By --at, --values and --names. Raises what is wrong with them.
---@param conn partdemo.Conn
---@param source table  a row of src/sql/online_source.sql
---@param params partdemo.Params
---@return partdemo.OnlineTarget[]
function split.targets(conn, source, params) end

-- Whether the table is split already as the parameters ask for.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function split.is_done(conn, params) end

return split
