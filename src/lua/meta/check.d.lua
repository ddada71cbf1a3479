---@meta partdemo.check
-- What a scenario can expect of the database: values for before, after, ensures, verify and check steps. Each function
-- takes the relation's name, or a table with the name as [1] and the fields below; wrong fields are errors
-- when the file is loaded. Names are as in SQL: schema-qualified or found by search_path. In strings,
-- `${param}` stands for the parameter. No check changes anything; details that it shows are cut after the first few
-- and have their control characters escaped. Source: src/lua/check.lua, src/lua/check_*.lua, src/sql/*.sql.
local check = {}

---@class partdemo.Check
---@field name string  of the function that made it
---@field args table
---@field spec partdemo.CheckKind
---@field place { file?: string, line: integer }  where it was made
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
---@field about_change? boolean  true also without prepare: says nothing about the end state by itself

-- A value of a partition's bound or a count; a function is called with the parameters of the run.
---@alias partdemo.CheckValue string|number|fun(params: partdemo.Params): string|number

-- What no other check says: `say` in one line (a text with ${param}, or a function(params)), `run` to look.
---@param args { say: string|fun(params: partdemo.Params): string, run: fun(conn: partdemo.Conn, params: partdemo.Params): boolean, string? }
---@return partdemo.Check
function check.custom(args) end

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

-- Every constraint of the table and of its partitions is validated: none is NOT VALID. Those declared NOT ENFORCED
-- (PostgreSQL 18) are not looked at. With `constraint`: the table has one of that name, and it is neither NOT
-- VALID nor NOT ENFORCED; its partitions are not looked at.
---@param args string|{ [1]: string, constraint?: string }
---@return partdemo.Check
function check.constraint_valid(args) end

-- No change of the table or of its partitions was left half done. It looks for exactly this, in the table and at
-- every level below it:
--   - a partition whose DETACH ... CONCURRENTLY is pending;
--   - an index that is not valid, not ready or not live, as a failed CREATE INDEX CONCURRENTLY leaves it;
--   - a constraint that is NOT VALID, as for check.constraint_valid;
--   - a trigger that is disabled, those of foreign keys included;
--   - a trigger or a constraint with a name that begins with `partdemo_`, as the scenarios name their helpers;
--   - beside them: a table or view in the same schema with the name of one of them and `_partitioned`, `_aside` or
--     `_new` after it, that is no part of the table, as the scenarios name what they build;
--   - the schema `partdemo`, unless online changes of other tables need it.
-- A table `t_old` or `t_archive` is a result, not a leftover. The detail has the first three.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.nothing_left(args) end

-- No run of an online scenario on one of the tables, or on a partition of one, was left behind. Runs on other tables
-- are named on stderr, with the commands that end them.
---@param args { tables: string[] }
---@return partdemo.Check
function check.no_run(args) end

-- There is no row, also not in a partition. Stops at the first row that it finds.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.empty(args) end

-- The partition has nothing that a new one in its place would lack: indexes, constraints, triggers, privileges,
-- comments, settings, views on it. Holds when there is no such table, and for what is no partition.
-- privileges_of: the table whose privileges the new one will have, maybe the partition itself; then privileges count
-- only when they differ from that table's, or were not granted by the owner. but_runs: the triggers of an online change
-- that was left half done do not count.
---@param args string|{ [1]: string, privileges_of?: string, but_runs?: boolean }
---@return partdemo.Check
function check.nothing_own(args) end

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

-- Notes how things are, under a name, until the end of the run; noting again replaces it. Always holds. In a check
-- step it notes what is then; `run` steps' scenarios know the names too. tables: those whose schema is noted, with
-- all their partitions, indexes, constraints, triggers, rules, policies, statistics objects, owned sequences,
-- privileges and comments; absent: every relation, function, enum, domain and range type in the schemas of
-- search_path, but for those of extensions. rows: tables whose rows are counted, for check.loaded.
---@param args string|{ [1]: string, tables?: string[], rows?: string[] }
---@return partdemo.Check
function check.remember(args) end

-- The schema is what check.remember noted under that name; the detail has the first six lines that differ, "-" for
-- what was and "+" for what is. Not compared: OIDs, where dropped columns were, whether a partition's columns and
-- constraints were declared there or inherited, storage and statistics, positions of sequences.
---@param args string|{ [1]: string }
---@return partdemo.Check
function check.schema_equals(args) end

-- The table has the rows that check.remember counted under `since`, and those that `insert` entries of the mixes of
-- load steps put in since then: as many as the server acknowledged, or more by at most those whose answer was lost.
---@param args { [1]: string, since: string }
---@return partdemo.Check
function check.loaded(args) end

-- The statement scans just these leaves of the table, in any order, or so many of them; without `scanned`, fewer than
-- there are. The statement is `sql`, or the only one of the SQL file `query`, which is beside the scenario or under
-- sql/ and may have psql variables. It runs under EXPLAIN ANALYZE, and what it wrote is rolled back; a leaf that the
-- plan has but that was not run does not count. A table that the statement names more than once has to be scanned
-- so each time; `alias` picks one of them.
---@param args { sql?: string, query?: string, table: string, alias?: string, scanned?: string[]|integer }
---@return partdemo.Check
function check.pruned(args) end

-- Whether a value was made by a function above.
---@param value any
---@return boolean
function check.is(value) end

-- A check or a list of checks as a list; nil as an empty one.
---@param value? partdemo.Check|partdemo.Check[]
---@return partdemo.Check[]
function check.as_list(value) end

return check
