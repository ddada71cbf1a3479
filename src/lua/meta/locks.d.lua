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

-- The locks of a statement, weaker ones of a table that has a stronger one left out.
---@class partdemo.StatementLock
---@field mode string
---@field blocks boolean  somebody who reads, writes or alters
---@field tables string[]  as they are told
---@field names string[]  all of them

---@param sql string
---@param company? partdemo.LockCompany
---@return partdemo.StatementLock[]|string  words when it takes none, or nobody knows
function locks.find(sql, company) end

-- What locks.describe() says of them.
---@param found partdemo.StatementLock[]|string
---@return string
function locks.words(found) end

-- The strongest lock on each table of several statements, weakest first, without those that block nobody.
---@param list (partdemo.StatementLock[]|string)[]
---@return { mode: string, tables: string[] }[]
function locks.strongest(list) end

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
