---@meta partdemo.check
-- What a scenario can expect of the database: values for `before`, `after`, `ensures`, `verify` and `check` steps.
-- Each function takes the name of a relation, or a table with the name as its first item and the fields that are
-- described at the function. Wrong fields are errors when the file is loaded. Names are as in SQL: with their schema,
-- or found by search_path; quoted where SQL would quote them. In strings `${param}` stands for the parameter of the
-- run. No check changes anything; what it shows as a detail is cut after the first few, with control characters escaped.
--
-- ```lua
-- local check = require "partdemo.check"
-- ```
--
-- Source: src/lua/check.lua, src/lua/check_*.lua, src/sql/*.sql.
local check = {}

-- What the functions of this module make. A scenario passes it on and does not look into it.
---@class partdemo.Check
---@field name string  of the function that made it, "table" for check.table
---@field args table  what the function was given
---@field spec partdemo.CheckKind  how it describes itself and looks
---@field place { file?: string, line: integer }  where in the scenario it was made
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

-- How a kind of check is defined, in src/lua/check_*.lua.
---@class partdemo.CheckKind
---@field fields? table<string, partdemo.Description>  besides [1]
---@field required? (string|integer)[]
---@field names? string|false  what [1] names, for messages ("the relation"); false: there is no [1]
---@field describe fun(args: table): string
---@field run fun(conn: partdemo.Conn, args: table, ctx: partdemo.Context): boolean, string?
---@field prepare? fun(conn: partdemo.Conn, args: table, ctx: partdemo.Context)
---@field conflict? fun(args: table): string?  what of the fields does not go together
---@field about_change? boolean  true also without prepare: says nothing about the end state by itself

-- A value of a bound or a count; a function is called with the parameters of the run.
---@alias partdemo.CheckValue string|number|fun(params: partdemo.Params): string|number

---------------------------------------------------------------------------------------------------
-- Tables and partitions

---@class partdemo.TableCheck
---@field [1] string  the table
---@field columns? string[]  all its columns, in this order

-- There is a plain or partitioned table of that name; with `columns`, it has exactly these in this order.
--
-- ```lua
-- check.table { "orders", columns = { "id", "placed_on", "amount" } }
-- ```
---@param args string|partdemo.TableCheck
---@return partdemo.Check
function check.table(args) end

---@class partdemo.RelationCheck
---@field [1] string  the table or other relation

-- There is no relation of that name: no table, index, view or sequence.
--
-- ```lua
-- check.absent "orders_old"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.absent(args) end

---@class partdemo.PartitionedCheck
---@field [1] string  the table
---@field by? "range"|"list"|"hash"  the strategy
---@field key? string  columns and expressions as pg_get_partkeydef() writes them, without the parentheses around: "created_at"
---@field leaves? integer  how many partitions hold rows, at any depth

-- The table is partitioned.
--
-- ```lua
-- check.partitioned { "orders", by = "range", key = "placed_on", leaves = 3 }
-- ```
---@param args string|partdemo.PartitionedCheck
---@return partdemo.Check
function check.partitioned(args) end

---@class partdemo.PartitionCheck
---@field [1] string  the partition
---@field of string  the table that it is a direct partition of
---@field from? partdemo.CheckValue  of a range: the lower bound, included; absent: MINVALUE
---@field to? partdemo.CheckValue  of a range: the upper bound, excluded; absent: MAXVALUE
---@field values? partdemo.CheckValue[]  of a list: all its values, in any order
---@field modulus? integer  of a hash
---@field remainder? integer  of a hash (0)
---@field default? boolean  true: it is the default partition

-- The table is a partition of `of`, directly, with that bound: from and to, or values, or modulus and remainder,
-- or default; without any of them whatever bound it has. Values are
-- compared as values of the key's type, so "2024-02-01" and "2024-02-01 00:00:00" are the same timestamp. `from` and `to`
-- describe keys of one column.
--
-- ```lua
-- check.partition { "orders_2024_02", of = "orders", from = "2024-02-01", to = "2024-03-01" }
-- ```
--
-- ```lua
-- check.partition { "orders_eu", of = "orders_by_region", values = { "DE", "FR", "UK" } }
-- ```
---@param args partdemo.PartitionCheck
---@return partdemo.Check
function check.partition(args) end

-- The partitions leave no gap between them, at any level, and no detach is pending.
--
-- ```lua
-- check.tiled "orders"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.tiled(args) end

---------------------------------------------------------------------------------------------------
-- Indexes, constraints, sequences, leftovers

-- Every partition has every index of its parent, and all of them are valid.
--
-- ```lua
-- check.indexed "orders"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.indexed(args) end

---@class partdemo.ConstraintCheck
---@field [1] string  the table
---@field constraint? string  the name of one constraint

-- Every constraint of the table and of its partitions is validated: none is NOT VALID. Those declared NOT ENFORCED
-- (PostgreSQL 18) are not looked at. With `constraint`: the table has one of that name, and it is neither NOT
-- VALID nor NOT ENFORCED; its partitions are not looked at.
--
-- ```lua
-- check.constraint_valid { "orders", constraint = "orders_amount_check" }
-- ```
---@param args string|partdemo.ConstraintCheck
---@return partdemo.Check
function check.constraint_valid(args) end

---@class partdemo.SequenceCheck
---@field [1] string  the table
---@field column string  a column that a sequence fills

-- The next value of the column's sequence is above every value of the column.
--
-- ```lua
-- check.sequence_ahead { "orders", column = "id" }
-- ```
---@param args partdemo.SequenceCheck
---@return partdemo.Check
function check.sequence_ahead(args) end

-- No change of the table or of its partitions was left half done. It looks for exactly this, in the table and at
-- every level below it:
--
-- - a partition whose DETACH ... CONCURRENTLY is pending;
-- - an index that is not valid, not ready or not live, as a failed CREATE INDEX CONCURRENTLY leaves it;
-- - a constraint that is NOT VALID, as for check.constraint_valid;
-- - a trigger that is disabled, those of foreign keys included;
-- - a trigger or a constraint with a name that begins with `partdemo_`, as the scenarios name their helpers;
-- - beside them: a table or view in the same schema with the name of one of them and `_partitioned`, `_aside` or
--   `_new` after it, that is no part of the table, as the scenarios name what they build;
-- - the schema `partdemo`, unless online changes of other tables need it.
--
-- A table `t_old` or `t_archive` is a result, not a leftover. The detail has the first three.
--
-- ```lua
-- check.nothing_left "orders"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.nothing_left(args) end

---@class partdemo.NoRunCheck
---@field tables string[]  tables, partitioned or not

-- No run of an online scenario on one of the tables, or on a partition of one, was left behind. Runs on other tables
-- are named on stderr, with the commands that end them.
--
-- ```lua
-- check.no_run { tables = { "orders" } }
-- ```
---@param args partdemo.NoRunCheck
---@return partdemo.Check
function check.no_run(args) end

---@class partdemo.NothingOwnCheck
---@field [1] string  the partition
---@field privileges_of? string  the table whose privileges the new partition will have, maybe the partition itself: privileges count only when they differ from that table's, or were not granted by the owner
---@field but_runs? boolean  true: the triggers of an online change that was left half done do not count

-- The partition has nothing that a new one in its place would lack: indexes, constraints, triggers, privileges,
-- comments, settings, views on it. Holds when there is no such table, and for what is no partition.
--
-- ```lua
-- check.nothing_own { "orders_2024_02", privileges_of = "orders" }
-- ```
---@param args string|partdemo.NothingOwnCheck
---@return partdemo.Check
function check.nothing_own(args) end

---------------------------------------------------------------------------------------------------
-- Rows

---@class partdemo.RowsCheck
---@field [1] string  the table
---@field at_least? partdemo.CheckValue  a count (1)
---@field exactly? partdemo.CheckValue  a count, instead of at_least

-- The number of rows, counted.
--
-- ```lua
-- check.rows { "orders", at_least = function(params) return params.rows end }
-- ```
---@param args string|partdemo.RowsCheck
---@return partdemo.Check
function check.rows(args) end

-- There is no row, also not in a partition. Stops at the first row that it finds.
--
-- ```lua
-- check.empty "orders_default"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.empty(args) end

---@class partdemo.SameRowsCheck
---@field [1] string  a table
---@field [2] string  another one, with the columns of the first

-- Both tables have the same rows, whatever their order and partitions: count, and a hash of the columns of the
-- first. The hash is a sum of 64-bit hashes of rows. Both tables are read whole.
--
-- ```lua
-- check.same_rows { "orders", "orders_old" }
-- ```
---@param args partdemo.SameRowsCheck
---@return partdemo.Check
function check.same_rows(args) end

-- Count and content of the table are what they were before the first step. The table is read whole, once before and
-- once after. Does not hold in `before`.
--
-- ```lua
-- check.unchanged "orders"
-- ```
---@param args string|partdemo.RelationCheck
---@return partdemo.Check
function check.unchanged(args) end

---@class partdemo.LoadedCheck
---@field [1] string  the table
---@field since string  the name under which check.remember counted its rows

-- The table has the rows that check.remember counted under `since`, and those that `insert` entries of the mixes of
-- load steps put in since then: as many as the server acknowledged, or more by at most those whose answer was lost.
--
-- ```lua
-- check.loaded { "orders", since = "the start" }
-- ```
---@param args partdemo.LoadedCheck
---@return partdemo.Check
function check.loaded(args) end

---------------------------------------------------------------------------------------------------
-- The schema as it was

---@class partdemo.RememberCheck
---@field [1] string  the name under which things are noted
---@field tables? string[]  whose schema is noted; absent: every relation, function, enum, domain and range type in the schemas of search_path, but for those of extensions
---@field rows? string[]  tables whose rows are counted, for check.loaded

-- Notes how things are, under a name, until the end of the run; noting again replaces it. Always holds. In a `check`
-- step it notes what is then; the scenarios of `run` steps know the names too. The schema of a table is noted with
-- all its partitions, indexes, constraints, triggers, rules, policies, statistics objects, owned sequences,
-- privileges and comments.
--
-- ```lua
-- check.remember { "the start", tables = { "orders" }, rows = { "orders" } }
-- ```
---@param args string|partdemo.RememberCheck
---@return partdemo.Check
function check.remember(args) end

---@class partdemo.RememberedCheck
---@field [1] string  the name under which check.remember noted it

-- The schema is what check.remember noted under that name; the detail has the first six lines that differ, "-" for
-- what was and "+" for what is. Not compared: OIDs, where dropped columns were, whether a partition's columns and
-- constraints were declared there or inherited, storage and statistics, positions of sequences.
--
-- ```lua
-- check.schema_equals "the start"
-- ```
---@param args string|partdemo.RememberedCheck
---@return partdemo.Check
function check.schema_equals(args) end

---------------------------------------------------------------------------------------------------
-- Plans, and whatever else

---@class partdemo.PrunedCheck
---@field sql? string  the statement; either this or `query`
---@field query? string  an SQL file with the one statement, beside the scenario or under sql/; may have psql variables
---@field table string  the partitioned table
---@field alias? string  what the statement calls it: looks at this one of several
---@field scanned? string[]|integer  the leaves, in any order, or how many; absent: fewer than there are

-- The statement scans just these leaves of the table. It runs under EXPLAIN ANALYZE, and what it wrote is rolled back;
-- a leaf that the plan has but that was not run does not count. A table that the statement names more than once has to be
-- scanned so each time, unless `alias` picks one of them.
--
-- ```lua
-- check.pruned {
--   sql = "SELECT count(*) FROM orders WHERE placed_on = '2024-02-03'",
--   table = "orders",
--   scanned = { "orders_2024_02" },
-- }
-- ```
---@param args partdemo.PrunedCheck
---@return partdemo.Check
function check.pruned(args) end

---@class partdemo.CustomCheck
---@field say string|fun(params: partdemo.Params): string  the check in one line; may have `${param}`
---@field run fun(conn: partdemo.Conn, params: partdemo.Params, ctx: partdemo.Context): boolean, string?  looks, without changing anything; whether it holds, and a detail to show

-- What no other check says.
--
-- ```lua
-- check.custom {
--   say = "no order is from the future",
--   run = function(conn)
--     local found = conn:exec "SELECT count(*) AS n FROM orders WHERE placed_on > current_date"
--     return found[1].n == 0, ("%d are"):format(found[1].n)
--   end,
-- }
-- ```
---@param args partdemo.CustomCheck
---@return partdemo.Check
function check.custom(args) end

---------------------------------------------------------------------------------------------------
-- For the program itself

-- Arguments with a run's parameters in them: `${name}` in strings, functions called. Also in tables, at any depth.
---@param value any
---@param params partdemo.Params
---@return any
function check.fill_in(value, params) end

-- Whether a value was made by a function above.
---@param value any
---@return boolean
function check.is(value) end

-- A check or a list of checks as a list; nil as an empty one.
---@param value? partdemo.Check|partdemo.Check[]
---@return partdemo.Check[]
function check.as_list(value) end

return check
