---@meta partdemo.blockers
-- Who is in the way of a statement that waits for a lock. Source: src/lua/blockers.lua, src/sql/blockers.sql.
local blockers = {}

-- A session as src/sql/blockers.sql and lock_holder.sql find it. What its role keeps from this one is absent.
---@class partdemo.Blocker
---@field pid integer  0: a prepared transaction
---@field mode? string  that is waited for: "ACCESS EXCLUSIVE"
---@field target? string  on what: a table's name, or words
---@field backend_type? string
---@field application? string
---@field user? string
---@field state? string
---@field seconds? number  since it is in that state
---@field since? string  when it began, as HH24:MI:SS
---@field query? string  what it does, or did last
---@field gid? string  of a prepared transaction

-- "pid 123 (psql, user bob, idle in transaction for 4.00 s), its last statement: ..."
---@param row partdemo.Blocker
---@return string
function blockers.describe(row) end

-- Runs f, whose statements on ctx.conn may wait for locks. While they wait for longer than 0.3 s (or a quarter of the
-- lock timeout) a connection of its own looks who is in the way: it is shown as status, and an error with SQLSTATE
-- 55P03 or 57014 gets it into its detail and, of the first session, into `behind`.
---@param ctx partdemo.Context
---@param lock_timeout? number  seconds
---@param f fun(): any
---@return any  what f gave
function blockers.watch(ctx, lock_timeout, f) end

return blockers
