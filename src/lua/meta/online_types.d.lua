---@meta partdemo.online_types
-- Columns that get another type while a table is copied. Source: src/lua/online_types.lua.
local types = {}

-- A row of src/sql/online_types.sql.
---@class partdemo.OnlineType
---@field name string
---@field column string  quoted, if need be
---@field old string
---@field type string
---@field there boolean  the table has the column
---@field changes boolean
---@field generated boolean
---@field zoned boolean  what a value becomes depends on the time zone
---@field in_key boolean  of the key by which rows are named
---@field comparable? boolean  one operator family compares both types
---@field key_type? string  of both, that holds each value of the other one
---@field textual boolean  the old type has no equality
---@field textual_back boolean  the new one has none
---@field actions string  what ALTER TABLE has to say
---@field sequence_name? string  of the one that the column owns
---@field sequence? string  its type then, if it is to be another
---@field sequence_now? string

-- --types and --time-zone.
---@type partdemo.Param[]
types.params = {}

-- Those that are given, as one types them.
---@param params partdemo.Params
---@return string
function types.arguments(params) end

-- Raises a usage failure when there is no such time zone.
---@param conn partdemo.Conn
---@param zone? string  nothing is set when nil or empty
function types.set_zone(conn, zone) end

-- What the server says against f, or nil. Within a transaction, in which nothing of f is left then.
---@param conn partdemo.Conn
---@param f function
---@param ... any  its arguments
---@return table? e
function types.attempt(conn, f, ...) end

-- The columns that --types gives another type than they have.
---@param conn partdemo.Conn
---@param source table  a row of src/sql/online_source.sql
---@param params partdemo.Params
---@return partdemo.OnlineType[]
function types.of(conn, source, params) end

-- What ALTER TABLE has to say.
---@param list partdemo.OnlineType[]
---@return string
function types.actions(list) end

-- Adds types, values, casts and lossless (src/sql/online_type_lists.sql) to the source.
---@param conn partdemo.Conn
---@param source table
---@param list partdemo.OnlineType[]
---@return string key_definitions  of the log
function types.apply(conn, source, list) end

-- The lines of a definition after the change.
---@param lines string[]
---@param differ? string[]  what look.at() of online_types_look returns
---@return string[]
---@return string? missing  a line that should be there before the change and is not
function types.lines_after(lines, differ) end

-- What f returns. An error of it about a value that a new type does not take names its column and row.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param rest string  FROM and what comes after it, of the rows that f is about; the table is t
---@param f function
---@return any
function types.explained(ctx, change, rest, f) end

-- FROM and WHERE of the rows whose keys are in the log.
---@param vars table<string, string>
---@return string
function types.logged(vars) end

-- Raises when a value would not fit, or not be kept.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param vars table<string, string>
function types.refuse_unfit(ctx, change, vars) end

-- The same of the rows whose keys are in the log, for a plan.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param vars table<string, string>
function types.foresee_unfit(ctx, change, vars) end

-- Raises when a sequence is beyond the type that it is to have.
---@param ctx partdemo.Context
---@param source table
function types.refuse_sequences(ctx, source) end

-- The same columns with the types exchanged.
---@param list partdemo.OnlineType[]
---@return partdemo.OnlineType[]
function types.reversed(list) end

return types
