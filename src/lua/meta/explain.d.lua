---@meta partdemo.explain
-- Which leaves a statement touches, of how many, and why: what `partdemo explain` prints. For an expectation of a scenario,
-- check.pruned and `query` steps are shorter.
--
-- ```lua
-- local card = explain.run(ctx.conn, "SELECT count(*) FROM event_logs WHERE created_at >= '2024-03-01'")
-- for _, found in ipairs(card.tables) do
--   print(found.table, #found.scanned, "of", found.leaves)
-- end
-- ```
--
-- Source: src/lua/explain.lua.
local explain = {}

-- One table, as often as the statement names it. scanned + pruned + not_executed = leaves.
---@class partdemo.ExplainedTable
---@field table string  quoted if need be
---@field alias string  in the statement
---@field partitioned boolean  whether the table has partitions
---@field operation "scan"|"insert"  what the statement does to it
---@field leaves integer  1 for a table that is not partitioned and for a leaf named by itself
---@field scanned string[]  leaves, in the order of their bounds; of an insert, those that rows were put into
---@field pruned { plan: integer, startup: integer, runtime: integer }  how many leaves were left out at plan time, at executor startup and at run time
---@field not_executed integer  in the plan, but not needed, for a reason other than pruning or an unknown one
---@field empty string[]  leaves that were scanned and gave no row
---@field written string[]  leaves that INSERT, UPDATE or MERGE put rows into
---@field reason string|lightuserdata  why no leaf, or not more of them, was left out; json.null: nothing is certain
---@field hint string|lightuserdata  what would leave them out; json.null: nothing is known to

-- The JSON document of `partdemo explain`. Times and buffers are those of the one execution.
---@class partdemo.Card
---@field schema_version integer  1
---@field analyze boolean  false: planned only, scanned means in the plan
---@field execution_ms number|lightuserdata  milliseconds; json.null when it was not run
---@field planning_ms number|lightuserdata  milliseconds; json.null when the server does not say
---@field tables partdemo.ExplainedTable[]  each table, as often as the statement names it
---@field buffers { hit: integer, read: integer, dirtied: integer, written: integer }  pages
---@field plan table  as EXPLAIN (FORMAT JSON) gave it
---@field nodes partdemo.PlanNodes  not in the document
---@field occurrences partdemo.Occurrence[]  not in the document

-- How explain.run goes about it.
---@class partdemo.ExplainOptions
---@field analyze? boolean  run it (true), in a transaction or savepoint that is rolled back
---@field generic? boolean  a generic plan; without params it is not run, and needs PostgreSQL 16
---@field params? { [integer]: any, n?: integer }  values of $1, $2, ...
---@field file? string  where the SQL is from, for messages
---@field on_notice? fun(notice: string)  called with each notice of the server

-- Explains one statement: SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE, MERGE or EXECUTE. Raises a usage
-- failure when it is no such statement, an SQL error with its place when it fails.
---@param conn partdemo.Conn  idle, or in a transaction, which goes on
---@param sql string
---@param opts? partdemo.ExplainOptions
---@return partdemo.Card
function explain.run(conn, sql, opts) end

return explain
