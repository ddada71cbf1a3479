---@meta partdemo.online_table
-- The partition that is replaced and the definition of the new ones. Source: src/lua/online_table.lua.
local online_table = {}

---@class partdemo.OnlineTarget
---@field name string  until the swap
---@field final string  afterwards
---@field full_name string  name with schema, quoted
---@field bound string  as in ATTACH PARTITION
---@field promise? string  its partition constraint

-- A row of src/sql/online_source.sql. Raises when there is no such partition.
---@param ctx partdemo.Context
---@param name? string  --partition by default
---@return table
function online_table.source(ctx, name) end

-- Raises when something hangs on the partition that cannot be carried over.
---@param ctx partdemo.Context
---@param source table
function online_table.refuse(ctx, source) end

-- The table --table as a whole: the same row for a plain or a partitioned table, which is its own parent. Raises when
-- there is none.
---@param ctx partdemo.Context
---@return table
function online_table.whole(ctx) end

-- Raises when something hangs on the whole table that a new partitioned one of its name could not have.
---@param ctx partdemo.Context
---@param source table
---@param shape partdemo.OnlineShape
---@param opts { widen?: boolean, copied?: boolean, own?: string[] }  unique indexes are made wider by the key; the rows need a name; more lines of the list
function online_table.refuse_whole(ctx, source, shape, opts) end

-- Rows of src/sql/online_whole_definition.sql for a new partitioned table.
---@param ctx partdemo.Context
---@param source table
---@param target { full_name: string }
---@param phase "foreign"|"sequence"|"view"
---@return { statement: string }[]
function online_table.whole_definition(ctx, source, target, phase) end

-- Rows of src/sql/online_definition.sql.
---@param ctx partdemo.Context
---@param source table
---@param target partdemo.OnlineTarget|{ key: string[] }  key: the new table is partitioned by these columns
---@param phase "bare"|"key"|"index"|"end"|"attached"|"away"|"wider"
---@return { statement: string, final?: string }[]
function online_table.definition(ctx, source, target, phase) end

-- Runs them.
---@param ctx partdemo.Context
---@param source table
---@param target partdemo.OnlineTarget
---@param phase "bare"|"key"|"index"|"end"|"attached"
function online_table.define(ctx, source, target, phase) end

-- Gives the partitions of a new table the replica identity of the old one.
---@param ctx partdemo.Context
---@param source table
---@param new partdemo.OnlineTarget
function online_table.identify(ctx, source, new) end

-- Says so when a plain table that becomes partitioned has triggers that may have filled in its key.
---@param ctx partdemo.Context
---@param source table
---@param target { name: string, full_name: string, key?: string[] }
function online_table.warn_of_before_triggers(ctx, source, target) end

-- A table's definition as lines.
---@param ctx partdemo.Context
---@param oid integer
---@param is_shown? boolean  names as the search_path has them; otherwise all are qualified
---@return string[]
function online_table.lines(ctx, oid, is_shown) end

-- Lines that are in one list only, marked with - and +.
---@param before string[]
---@param after string[]
---@return string[]
function online_table.difference(before, after) end

-- psql variables of router.sql and aside.sql.
---@param ctx partdemo.Context
---@param source table
---@param names table<string, string>
---@param target? partdemo.OnlineTarget
---@return table<string, string>
function online_table.variables(ctx, source, names, target) end

-- Makes the private router and the new partitions; within a transaction.
---@param ctx partdemo.Context
---@param source table
---@param names table<string, string>
---@param targets partdemo.OnlineTarget[]
---@param siblings string[]
function online_table.make(ctx, source, names, targets, siblings) end

-- The statements that give the triggers of a table the state that they have now.
---@param ctx partdemo.Context
---@param oid integer
---@return string[]
function online_table.triggers(ctx, oid) end

-- Statements that name the NOT NULL constraints of a new table after the name that it will have.
---@param ctx partdemo.Context
---@param new partdemo.OnlineTarget
---@param final string
---@return string[]
function online_table.not_null_names(ctx, new, final) end

return online_table
