---@meta partdemo.locks
-- Source: src/lua/locks.lua.
local locks = {}

-- "ACCESS EXCLUSIVE on event_logs (blocks readers and writers)": the locks that a statement takes, joined by "; ", of
-- which each table's strongest is named. Told from its text; with a company also those of tables that belong to these,
-- and without those that nobody else uses.
---@param sql string
---@param company? partdemo.LockCompany
---@return string
function locks.describe(sql, company) end

-- A statement without comments, each white space as one blank, for patterns. In quoted names the characters that
-- patterns take for their end are control characters.
---@param sql string
---@return string
function locks.plain(sql) end

-- What locks.plain() made of a name, as it was.
---@param s string
---@return string
function locks.show(s) end

return locks
