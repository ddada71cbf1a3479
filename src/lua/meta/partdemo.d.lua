---@meta _
-- The Lua API of partdemo, the reference of record: this file has what a scenario file is made of, and a
-- file beside it has the functions of `require "partdemo.NAME"`. `check` and `gen` are for scenarios,
-- the others are the program itself. Nothing here is run or built in; language servers read it.
--
-- A function that is not said to return an error raises it: a partdemo.Error for what the user or the
-- server did, a string with the argument's name for a mistake in the calling code. Absent keys stand
-- for NULL and for "not given". Times are in seconds, sizes in bytes, unless said otherwise.

---------------------------------------------------------------------------------------------------
-- Scenarios. Source: src/lua/scenario.lua validates, src/lua/engine.lua runs.

-- What a scenario file returns. Unknown fields and wrong types are errors, all reported at once before
-- any connection is made. The file runs in text mode in an environment of its own: the basic functions,
-- string, table, math, utf8, coroutine, print, and require for "partdemo.NAME", files beside the
-- scenario and files under scenarios/. No io, os, debug, load; no assignment to globals; no __gc.
---@class partdemo.Scenario
---@field summary string  one line: what it does
---@field needs? string[]  scenarios whose `after` has to hold; those that do not are named in the error
---@field params? partdemo.Param[]  in the order in which they are described
---@field tables? string[]  shown as trees before and after the run
---@field moved? table<string, string>  where a table's rows may be afterwards, beside the table itself: a rehearsal looks there too
---@field before? partdemo.Check|partdemo.Check[]  must hold, or nothing is begun (exit code 4)
---@field hint? string  what to do when `before` does not hold, shown with the error
---@field steps partdemo.Step[]  performed in order
---@field after? partdemo.Check|partdemo.Check[]  the end state: if it holds at the start and no wanted step has `confirm`, the scenario is "already done"; else must hold at the end (exit code 4)

-- A parameter: `--name VALUE` on the command line. In SQL files it is the psql variable `name`, written as
-- text ("true", "false", digits): `:name` is put in as it is, `:'name'` as a literal, `:"name"` as an
-- identifier, `:{?name}` is TRUE or FALSE for whether there is such a variable. As in psql, nothing is
-- substituted in quotes, dollar quotes and comments. A file that uses a name that is no parameter is refused at
-- load. In the strings of checks it is `${name}`; there an unknown name stays as it is.
---@class partdemo.Param
---@field name string
---@field type "string"|"integer"|"number"|"boolean"|"duration"  integers may have underscores; booleans are true, on, yes, false, off, no, and `--name` alone is true; a duration ("500ms", "30s", "2m", "1h") stays a string
---@field help string
---@field default? string|number|boolean  without one the parameter has to be given, unless it is boolean
---@field min? number  smallest value
---@field max? number  largest value
---@field words? string[]  taken besides values of the type, and kept as they are
---@field position? integer  the positional argument, from 1, that sets it too

---@alias partdemo.Step partdemo.SqlStep|partdemo.CopyStep|partdemo.LoadStep|partdemo.QueryStep|partdemo.RunStep|partdemo.RehearseStep|partdemo.ImpactsStep|partdemo.CheckStep|partdemo.CallStep|partdemo.FunctionStep

-- A step of code, for the rare loop. It starts outside of a transaction and has to end outside of one: what it
-- leaves open is rolled back and is an error.
---@alias partdemo.FunctionStep fun(ctx: partdemo.Context)

-- The same with a title and what other steps can have.
---@class partdemo.CallStep: partdemo.StepCommon
---@field call partdemo.FunctionStep
---@field plan? fun(ctx: partdemo.Context): { sql: string, comment?: string }[]  for --dry-run: the statements, nothing is changed
---@field say string

-- What every step that is a table can have.
---@class partdemo.StepCommon
---@field say? string  what it is called in the output; else the name of its file or table
---@field when? string  a parameter: the step is left out while that is false, 0 or ""
---@field unless? string|string[]  parameters: the step is left out while one of them is set
---@field hint? string  what to do when the step fails, shown with the error
---@field ensures? partdemo.Check|partdemo.Check[]  if all hold before, the step is "already done"; afterwards all have to hold (exit code 4)
---@field allow? string[]  SQLSTATEs that a load may meet during the step: a rehearsal counts them apart
---@field verify? partdemo.Check|partdemo.Check[]  of an SQL step: run before its commit; if one does not hold, the step is rolled back (exit code 4)

-- Runs an SQL file: beside the scenario, else under sql/. One statement at a time, split as psql does;
-- psql's own commands (\if, \copy) and COPY FROM STDIN are errors at load.
---@class partdemo.SqlStep: partdemo.StepCommon
---@field sql string  the file's name
---@field transaction? boolean  false: each statement by itself; true (default): all in one, and the file may not end it
---@field lock_timeout? string  a duration, "5s" by default: how long a statement waits for a lock
---@field retry? integer  how often to try again after 55P03, 40P01 or 40001 (0)
---@field confirm? string  a question that has to be answered with yes, or --yes given

-- Fills a table with generated rows through COPY ... (FORMAT binary), without Lua code for a row.
---@class partdemo.CopyStep: partdemo.StepCommon
---@field copy string  the table
---@field rows integer|fun(params: partdemo.Params): integer  how many, 0 or more
---@field gen partdemo.Row  made by gen.row; its columns have to fit the table's

-- Runs a workload mix in worker threads with connections of their own. A number or boolean can also be a text such as
-- "${rate}" that becomes one.
---@class partdemo.LoadStep: partdemo.StepCommon
---@field load string  the name of a mix in scenarios/mixes, or its path, beside the scenario or from the working directory
---@field clients? integer|string  connections (1)
---@field jobs? integer|string  threads; 0, the default: as many as there are processors
---@field interval? number|string  milliseconds between operations; without any of interval, rate and max: SIMULATOR_INTERVAL_MS, else 2000
---@field rate? number|string  operations a second
---@field max? boolean|string  as fast as the clients can: each begins when it has its last answer
---@field poisson? boolean|string  random gaps instead of equal ones
---@field duration? string  a duration
---@field seconds? number|string  the same as a number; 0, the default: until Ctrl-C
---@field ops? integer|string  the end after so many operations; 0, the default: no limit
---@field pipeline? integer|string  operations sent together, as one transaction (1)
---@field batch? integer|string  rows an INSERT, of entries that do not say (1)
---@field jsonl? boolean|string  stdout is JSON, a document a line: an event each second, the result as the last one

-- Explains and times each query of a file, found as an SQL step's is. In the file a comment line "name: NAME" above a
-- statement begins a query, which goes on to the next name. Its last statement that EXPLAIN takes is the query; those
-- before prepare it (BEGIN, SET LOCAL, PREPARE), those after clear up. What the query writes is rolled back.
-- Each is run warm, in turn with the one it is compared with, up to 15 times; the median counts.
---@class partdemo.QueryStep: partdemo.StepCommon
---@field query string  the file's name
---@field expect? table<string, partdemo.Expected>  by the query's name: the leaves that it reads (exit code 4)
---@field compare? table<string, string>  other names for tables: the query is timed on those too

-- A number of leaves, or a function that gives it, or their names, from the table's tree (without rows and bytes). For
-- a query that reads several partitioned tables, one for each by alias or name. A string is the SQLSTATE with
-- which the query has to be refused.
---@alias partdemo.Expected string|partdemo.ExpectedLeaves|table<string, partdemo.ExpectedLeaves>
---@alias partdemo.ExpectedLeaves integer|fun(tree: partdemo.Tree): integer|string[]

-- Runs another scenario of scenarios/ on the same connection.
---@class partdemo.RunStep: partdemo.StepCommon
---@field run string  its name
---@field params? table<string, string|number|boolean>  its parameters

-- Rehearses another scenario of scenarios/ on the same connection: runs its steps while a mix runs, as `run --under`
-- does. The other one has neither loads nor rehearsals of its own. A number, boolean or duration can also be a text
-- such as "${rate}" that becomes one. The loads of all rehearsals of a run have the same seed, and draw the same keys
-- from equal tables. What it found wrong, such as a lost row, ends the run (exit code 4).
---@class partdemo.RehearseStep: partdemo.StepCommon
---@field rehearse string  the scenario's name
---@field params? table<string, string|number|boolean>  its parameters
---@field as string  what its impact is called: in "impacts" of the JSON document, and in an ImpactsStep; no two are called the same
---@field under string  the name of a mix in scenarios/mixes, or its path, beside the scenario or from the working directory
---@field on? table<string, string>  other tables for the mix to use, by the names that it has: identifiers are replaced, in no string; not for a mix of Lua functions
---@field rate? number|string  operations a second; 0 or absent: that of the first rehearsal of the run, which is half of what the server sustains then
---@field max? boolean|string  as fast as the clients can
---@field clients? integer|string  connections of the load (8)
---@field warmup? string  a duration: load before the first step ("3s")
---@field cooldown? string  load after the last step ("3s")
---@field max_stall? string  a duration: a step is cancelled when a writer waits longer (exit code 4)
---@field max_p99? string  the same when 1 % of the operations wait longer
---@field max_errors? integer|string  the same for unexpected errors

-- Shows what `rehearse` steps before it saw side by side, and says in one sentence what it comes to.
---@class partdemo.ImpactsStep
---@field impacts string[]  what they are called, two or more
---@field say? string
---@field when? string
---@field unless? string
---@field hint? string

-- Looks: each check is reported, and all have to hold (exit code 4).
---@class partdemo.CheckStep
---@field check partdemo.Check|partdemo.Check[]
---@field say? string
---@field when? string
---@field unless? string
---@field hint? string

-- What a mix file returns: the entries in order, a summary, and the tables. It is loaded as a scenario is, once to be
-- checked and once more by each worker thread, whose Lua values are its own.
---@class partdemo.Mix
---@field summary string
---@field tables? string[]  whose leaves the report shows, besides those of inserts
---@field reconcile? fun(conn: partdemo.Conn): boolean, string?  after a rehearsal: whether the mix's own tables are right, and a detail
---@field [integer] partdemo.MixEntry

-- One kind of operation; exactly one of insert, sql and run. Each operation is a transaction of its own, unless --pipeline
-- puts several into one. 40001 and 40P01 are tried again, ten times in all and with the same data, and counted as
-- retries; 0A000 and 26000 as well, on a new connection, because a prepared statement may not outlive DDL. Other
-- errors are counted by SQLSTATE, and a lost connection as 08006; the client goes on with its next operation.
---@class partdemo.MixEntry
---@field weight number  positive and finite: its share of the sum
---@field name string  unlike all others, not empty
---@field insert? string  a table that gets `row`; the statement is prepared once a connection
---@field row? partdemo.Row  has to fit the table's columns, which is checked before the run
---@field batch? integer  of an insert: rows a statement, 1 or more (--batch, else 1); columns times rows up to 65535. An operation is then so many rows
---@field sql? string  one statement with $1 .. $n, prepared once a connection
---@field params? partdemo.Row  their values, in the order of its columns
---@field run? fun(client: partdemo.Conn, rng: partdemo.Rng): integer?  see below; gives the number of rows
---@field on_error? "count"|"stop"  "stop": the first error of this entry that is not retried ends the run with exit code 1, after the summary; "count" is the default
---@field allow? string[]  SQLSTATEs that are no fault in a rehearsal
---@field ledger? partdemo.MixLedger|false  what a rehearsal follows of an sql entry; an insert is followed by itself, unless false

-- A function entry is one operation on a client's connection, such as a transaction of several statements. It has to end
-- outside of a transaction, and return how many rows it wrote or read, or nothing. rng is its own: the same (seed, client, operation) draws the same numbers, also when it is
-- run again after 40001 or 40P01. An SQL error that it does not catch is counted, after a rollback; any other error,
-- or a transaction left open, ends the run with exit code 1, after the summary, and counts as 38000. It is not for --pipeline, and slower than the others: it runs in Lua.

-- After a rehearsal the last acknowledged value of each key has to be there, and a deleted key not. The statement gets a
-- RETURNING, so it has none of its own.
---@class partdemo.MixLedger
---@field table? string  an insert's own by default
---@field key? string  the column that tells rows apart; else the one that a sequence fills, else the primary key
---@field columns? string[]  that an UPDATE sets

-- The parameters of a run by name, of the types that were declared; durations as strings.
---@alias partdemo.Params table<string, string|number|boolean>

-- What a function step and the checks get. Source: src/lua/commands.lua, src/lua/engine.lua.
---@class partdemo.Context
---@field conn partdemo.Conn  the run's connection; other runs are kept away from the database by an advisory lock
---@field params partdemo.Params
---@field scenario partdemo.LoadedScenario
---@field root string  the folder that holds scenarios/ and sql/
---@field seed integer  --seed, 1 by default
---@field run_tag integer  keeps gen.unique of this run apart from other runs; 0 when --seed was given
---@field settings partdemo.ConnParams  with keywords: how further connections are made
---@field keywords table<string, string>
---@field options table<string, any>  the program's settings, such as SIMULATOR_INTERVAL_MS
---@field load? partdemo.LoadDone  of the last load step
---@field rehearsal? partdemo.Rehearsal  of `run --under` or of a `rehearse` step
---@field rehearses? boolean  the scenario is the one that is rehearsed, and not one that it runs
---@field impacts table<string, partdemo.Impact>  of `rehearse` steps so far, by what they are called
---@field yes? boolean  --yes
---@field ask? fun(question: string): boolean  absent when there is no terminal
---@field always? boolean  run also when the end state is there already
---@field on_result? fun(ctx: partdemo.Context, row: partdemo.TestResult)  told of each step and check, also those of `run` steps
---@field remembered table<string, any>  what checks noted before the first step
---@field memory partdemo.Memory  shared with the scenarios of `run` steps
---@field done partdemo.StepResult[]  the steps that ran so far
---@field checks partdemo.CheckResult[]  the checks that were reported so far
---@field queries table[]  of query steps so far, as the JSON document has them
---@field statements integer  SQL statements sent by steps so far
---@field outcome "done"|"already"|"failed"
---@field online? partdemo.OnlineChange  of an online scenario, since its first step
---@field before_trees? partdemo.Tree[]
---@field after_trees? partdemo.Tree[]

---@alias partdemo.ResultKind "step"|"before"|"check"|"ensures"|"verify"|"after"

---@class partdemo.TestResult
---@field kind? partdemo.ResultKind
---@field name string
---@field ok boolean
---@field detail? string  of a check
---@field error? partdemo.Error  of a step
---@field place? { file?: string, line: integer }  where the check was written
---@field path? string  the scenario's file

---@class partdemo.Memory
---@field noted table<string, table>  by check.remember
---@field loaded table<string, integer>  rows that loads inserted and the server acknowledged, by table
---@field shown table<string, string>  what each query read when it was last shown
---@field loads integer  loads that have begun
---@field rate? number  operations a second of the first rehearsal
---@field unknown integer  operations of loads whose answer was lost

---@class partdemo.StepResult
---@field say string
---@field file? string
---@field ms number  milliseconds
---@field rows? integer  rows written
---@field statements? integer

---@class partdemo.CheckResult
---@field name string
---@field ok boolean
---@field detail? string

-- A scenario as scenario.load gives it: every list is there, checks are lists.
---@class partdemo.LoadedScenario: partdemo.Scenario
---@field name string
---@field path string
---@field directory string
---@field needs string[]
---@field params partdemo.Param[]
---@field tables string[]
---@field moved table<string, string>
---@field before partdemo.Check[]
---@field after partdemo.Check[]

---------------------------------------------------------------------------------------------------
-- Errors

-- What is raised, or returned after nil, when something outside of the program went wrong; tostring() gives
-- the message and the SQLSTATE. Source: src/bind/err.c makes it, src/lua/sqlfile.lua adds the place,
-- src/lua/fail.lua the class.
---@class partdemo.Error
---@field kind? "sql"|"connection"|"config"|"server"|"input"|"system"|"interrupt"|"lua"|"none"
---@field message string
---@field sqlstate? string  five characters, when the server refused
---@field detail? string
---@field hint? string
---@field context? string  PostgreSQL's CONTEXT
---@field position? integer  characters from 1 within the statement sent
---@field sql? string  the statement sent
---@field file? string
---@field line? integer  in the file, from 1
---@field column? integer  in characters from 1, within that line
---@field source? string  the statement's line, cut to 120 characters
---@field caret? integer  characters before the place within `source`
---@field note? string  what became of the file's transaction
---@field behind? string  the session that a lock timeout was waiting for
---@field step? string  the step that failed
---@field class? partdemo.FailClass  decides the exit code; see fail.code
---@field problems? string[]  of config.resolve: every wrong setting
---@field traceback? string

---@alias partdemo.FailClass "failed"|"usage"|"connect"|"check"|"leftover"
