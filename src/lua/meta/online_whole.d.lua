---@meta partdemo.online_whole
-- A whole table that a new partitioned one replaces. Source: src/lua/online_whole.lua.
local whole = {}

-- The table with this OID and its partitions, the table first: rows of src/sql/online_members.sql.
---@param conn partdemo.Conn
---@param oid integer
---@return table[]
function whole.members(conn, oid) end

-- Raises what a partition has of its own.
---@param ctx partdemo.Context
---@param members table[]
---@param but_runs? boolean  without the triggers of a run
function whole.refuse_own(ctx, members, but_runs) end

-- Raises when two partitions in different schemas have one name.
---@param members table[]
function whole.refuse_same_names(members) end

-- The new table as online_table.definition() takes it.
---@param conn partdemo.Conn
---@param source table
---@param name string  until the swap
---@param key string[]
---@return partdemo.OnlineTarget
function whole.target(conn, source, name, key) end

-- Calls f with each partition of both levels and the name of what it is a partition of.
---@param shape { targets: partdemo.OnlineShapeTarget[] }
---@param router? string  the new table
---@param f fun(target: partdemo.OnlineShapeTarget, router?: string)
function whole.each_target(shape, router, f) end

-- Makes the new table and its partitions, within a transaction.
---@param ctx partdemo.Context
---@param source table
---@param new partdemo.OnlineTarget
---@param shape partdemo.OnlineShape
---@param pattern string  a name for an empty table, which is there until then when columns change their types
function whole.make(ctx, source, new, shape, pattern) end

-- Gives the new partitions to the owner of the table.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
function whole.give_owner(ctx, change) end

-- The statements of the swap, those that validate foreign keys afterwards, and what is to be remembered besides.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param vars table<string, string>
---@return string[] statements
---@return string[] validate
---@return { adopt: { name: string, statement: string }[] }
function whole.statements(ctx, change, vars) end

-- The new table and its partitions, by the names that they have after the swap; the table first.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@return string[]
function whole.final_names(ctx, change) end

-- Foreign keys to other tables: add(statement) takes those of the swap; those that validate them afterwards, and what
-- whole.adopt() needs.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param add fun(statement: string)
---@return string[] validate
---@return { name: string, statement: string }[] adopt
function whole.outgoing(ctx, change, add) end

-- The table takes the foreign keys of its leaves for its own. perform(statement) runs one.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param perform fun(statement: string)
function whole.adopt(ctx, change, perform) end

-- As online_table.difference(), but for what partitioning changes. change: key, its columns quoted, and not_null, those
-- that became so.
---@param change { key: string[], not_null: { column: string }[] }
---@param before string[]
---@param after string[]
---@return string[]
function whole.difference(change, before, after) end

-- Raises when a row has no partition; with the query that lists such rows.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param vars table<string, string>
function whole.refuse_unfit(ctx, change, vars) end

return whole
