---@meta partdemo.locks
-- Source: src/lua/locks.lua.
local locks = {}

-- "ACCESS EXCLUSIVE on event_logs (blocks readers and writers)": the strongest lock that a statement takes, told
-- from its text alone; after "; " a second one, if it takes another on other tables.
---@param sql string
---@return string
function locks.describe(sql) end

return locks
