---@meta partdemo.check
-- What a scenario can expect of the database: values for before, after, ensures and verify. Each function
-- takes the relation's name, or a table with the name as [1] and the fields below; wrong fields are errors
-- when the file is loaded. Names are as in SQL: schema-qualified or found by search_path. In strings,
-- `${param}` stands for the parameter. Source: src/lua/check.lua, src/sql/*.sql.
local check = {}

---@class partdemo.Check
---@field name string  of the function that made it
---@field args table
---@field spec table
local Check = {}

-- The check in one line. Without params, `${param}` stays as it is.
---@param params? partdemo.Params
---@return string
function Check:describe(params) end

-- Looks, without changing anything.
---@param ctx partdemo.Context
---@return boolean ok
---@return string? detail
function Check:run(ctx) end

-- Notes what the check compares with. Called before the first step.
---@param ctx partdemo.Context
function Check:prepare(ctx) end

-- Whether it compares with the state before, and so says nothing about the end state by itself.
---@return boolean
function Check:about_change() end

-- A value of a partition's bound or a count; a function is called with the parameters of the run.
---@alias partdemo.CheckValue string|number|fun(params: partdemo.Params): string|number

-- Arguments with a run's parameters in them: `${name}` in strings, functions called. Also in tables, at any depth.
---@param value any
---@param params partdemo.Params
---@return any
function check.fill_in(value, params) end

-- There is a plain or partitioned table of that name, with exactly these columns in this order.
---@param args string|{ [1]: string, columns?: string[] }
---@return partdemo.Check
function check.table(args) end

-- There is no relation of that name.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.absent(args) end

-- The table is partitioned. key: as pg_get_partkeydef writes it, without parentheses; leaves: partitions that
-- hold rows, at any depth.
---@param args string|{ [1]: string, by?: "range"|"list"|"hash", key?: string, leaves?: integer }
---@return partdemo.Check
function check.partitioned(args) end

-- The table is a partition of `of`, directly, with that bound: from (included) and to (excluded), absent being
-- MINVALUE and MAXVALUE; or values; or modulus and remainder (0); or default = true; or any bound. Values are
-- compared as values of the key's type. from and to describe keys of one column.
---@param args { [1]: string, of: string, from?: partdemo.CheckValue, to?: partdemo.CheckValue, values?: partdemo.CheckValue[], modulus?: integer, remainder?: integer, default?: boolean }
---@return partdemo.Check
function check.partition(args) end

-- The partitions leave no gap between them, at any level, and no detach is pending.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.tiled(args) end

-- Every partition has every index of its parent, and all of them are valid.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.indexed(args) end

-- The number of rows, counted; at least 1 without fields.
---@param args string|{ [1]: string, at_least?: partdemo.CheckValue, exactly?: partdemo.CheckValue }
---@return partdemo.Check
function check.rows(args) end

-- Both tables have the same rows, whatever their order and partitions: count, and a hash of the columns of the
-- first. The hash is a sum of 64-bit hashes of rows.
---@param args { [1]: string, [2]: string }
---@return partdemo.Check
function check.same_rows(args) end

-- Count and content of the table are what they were before the first step. Does not hold in `before`.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.unchanged(args) end

-- The next value of the column's sequence is above every value of the column.
---@param args { [1]: string, column: string }
---@return partdemo.Check
function check.sequence_ahead(args) end

-- Whether a value was made by a function above.
---@param value any
---@return boolean
function check.is(value) end

-- A check or a list of checks as a list; nil as an empty one.
---@param value? partdemo.Check|partdemo.Check[]
---@return partdemo.Check[]
function check.as_list(value) end

return check
