---@meta partdemo.lock_company
-- Which tables a statement locks besides those that it names. Source: src/lua/lock_company.lua, src/sql/lock_company.sql.
local company = {}

---@class partdemo.LockCompany
local LockCompany = {}

---@param conn partdemo.Conn
---@return partdemo.LockCompany
function company.new(conn) end

-- Whether nobody else uses the table: the plan made it, or it is in a schema of the run's.
---@param name string
---@return boolean
function LockCompany:is_own(name) end

-- Notes that nobody else uses the tables, until the swap.
---@param names string[]
function LockCompany:keep(names) end

-- With its schema, if there is such a table.
---@param name string
---@return string
function LockCompany:name(name) end

-- Those that belong to the table or index.
---@param name string
---@param kind string  parts, default, parent, referred, key NAME, table
---@return string[]
function LockCompany:of(name, kind) end

-- Those of the tables to which one of the partitions has a foreign key of its own.
---@param parts string[]
---@param tables string[]
---@return string[]
function LockCompany:adopted(parts, tables) end

-- Takes into account what a statement would have changed.
---@param statement string
function LockCompany:follow(statement) end

return company
