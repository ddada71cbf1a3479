---@meta partdemo.online_shape
-- The shape of a table that becomes partitioned, or partitioned otherwise, from the words of the command line. Source:
-- src/lua/online_shape.lua.
local shape = {}

---@class partdemo.OnlineShape
---@field by string  the key as PARTITION BY has it
---@field sub_by? string  the same of the second level
---@field strategy "range"|"list"|"hash"
---@field key string[]  the columns of both levels' keys, each once
---@field expressions boolean  there are expressions in a key: PostgreSQL then keeps no uniqueness
---@field targets partdemo.OnlineShapeTarget[]
---@field first? partdemo.OnlineTarget  what first_of gave; constraint: what its bound demands, not of a hash

---@class partdemo.OnlineShapeTarget: partdemo.OnlineTarget
---@field sub? partdemo.OnlineTarget[]  its partitions at the second level

-- Parameters for online_steps.params: by, at, values, modulus, default, names.
---@type partdemo.Param[]
shape.params = {}

-- Those of a second level: sub_by, sub_at, sub_values, sub_modulus, sub_default; --sub-by and so on.
---@type partdemo.Param[]
shape.sub_params = {}

-- Raises a usage failure when PostgreSQL would not take the words; it tries them on temporary tables, in a transaction of
-- its own that is rolled back.
---@param conn partdemo.Conn
---@param source table  a row of src/sql/online_source.sql: the whole table
---@param params partdemo.Params
---@param first_of? fun(conn: partdemo.Conn, key: table, level: table): { name: string, bound: string, option: string }  a partition beside those, which is there already; option: what to blame when PostgreSQL does not take it. It may take its words out of the level.
---@return partdemo.OnlineShape
function shape.of(conn, source, params, first_of) end

-- Whether the partitioned table has the key that --by says.
---@param conn partdemo.Conn
---@param source table
---@param params partdemo.Params
---@return boolean
function shape.has_key(conn, source, params) end

-- Whether the table has that shape; why not. Bounds are compared as the server writes them, not by the names of partitions.
-- Raises as shape.of().
---@param conn partdemo.Conn
---@param source table
---@param params partdemo.Params
---@return boolean
---@return string? detail
function shape.is_there(conn, source, params) end

-- The words again, to be kept with a run.
---@param params partdemo.Params
---@return string
function shape.arguments(params) end

return shape
