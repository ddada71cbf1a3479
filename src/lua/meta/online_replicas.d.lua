---@meta partdemo.online_replicas
-- How far standbys are behind. Source: src/lua/online_replicas.lua, src/sql/online_replicas.sql.
local replicas = {}

---@class partdemo.Replica
---@field name string  its application_name, else its address
---@field seconds number  that it is behind, at least
---@field bytes integer  of WAL

---@class partdemo.Replicas
local Replicas = {}

-- Nothing is known of the time before; the first look only sees what the server itself measured.
---@param conn partdemo.Conn
---@return partdemo.Replicas
function replicas.new(conn) end

-- The standby that is furthest behind now; nil when there is none, or the role may see none, which is said once.
---@return partdemo.Replica?
function Replicas:worst() end

return replicas
