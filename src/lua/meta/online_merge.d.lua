---@meta partdemo.online_merge
-- Source: src/lua/online_merge.lua.
local merge = {}

-- Rows of src/sql/online_source.sql for --partitions. Raises when they cannot become one.
---@param ctx partdemo.Context
---@return table[]
function merge.sources(ctx) end

---@param conn partdemo.Conn
---@param sources table[]
---@param params partdemo.Params
---@return partdemo.OnlineTarget
function merge.target(conn, sources, params) end

---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function merge.is_done(conn, params) end

return merge
