---@meta partdemo.online_sql
-- SQL files, transactions and tries of online changes. Source: src/lua/online_sql.lua.
local sql = {}

-- conn:exec(), counted and shown with --verbose; with ctx.plan listed instead.
---@param ctx partdemo.Context
---@param statement string
---@param ... string|number|boolean|nil
---@return partdemo.Result
function sql.exec(ctx, statement, ...) end

-- A comment of what is sent next, for a plan.
---@param ctx partdemo.Context
---@param comment? string
function sql.remark(ctx, comment) end

-- An identifier, quoted if need be.
---@param conn partdemo.Conn
---@param name string
---@param schema? string
---@return string
function sql.name(conn, name, schema) end

-- Runs sql/online/NAME.sql; the last statement's result. Errors have the place in the file.
---@param ctx partdemo.Context
---@param name string
---@param vars table<string, string>  psql variables
---@return partdemo.Result
function sql.run(ctx, name, vars) end

-- The same of a file that only reads. With ctx.plan it is listed and executed.
---@param ctx partdemo.Context
---@param name string
---@param vars table<string, string>
---@return partdemo.Result
function sql.look(ctx, name, vars) end

-- The file's statements.
---@param ctx partdemo.Context
---@param name string
---@param vars table<string, string>
---@return partdemo.Statement[]
function sql.list(ctx, name, vars) end

-- The file as one string.
---@param ctx partdemo.Context
---@param name string
---@param vars table<string, string>
---@return string
function sql.text(ctx, name, vars) end

-- Runs f in a transaction, which an error rolls back.
---@param ctx partdemo.Context
---@param lock_timeout? number  seconds
---@param f fun()
function sql.transaction(ctx, lock_timeout, f) end

-- What f returns, run in a transaction with one snapshot (REPEATABLE READ), which an error rolls back.
---@generic T
---@param ctx partdemo.Context
---@param f fun(): T
---@return T
function sql.snapshot(ctx, f) end

-- Runs f in a transaction that is rolled back; what f gives.
---@generic T
---@param conn partdemo.Conn
---@param lock_timeout? number  seconds
---@param f fun(): T
---@return T
function sql.trial(conn, lock_timeout, f) end

-- The same as a part of the change, which a plan lists; locks are waited for as in sql.briefly().
---@generic T
---@param ctx partdemo.Context
---@param f fun(): T
---@return T
function sql.rehearsal(ctx, f) end

-- Rows of online_old_snapshots or online_lock_holders in words.
---@param found partdemo.Result
---@return string
function sql.describe_sessions(found) end

-- Who holds a lock on one of the tables now; nil when nobody does.
---@param ctx partdemo.Context
---@param oids integer[]
---@return string?
function sql.lock_holders(ctx, oids) end

-- For a try that may stop others for `stall` seconds.
---@param ctx partdemo.Context
---@param stall number
---@return integer milliseconds
function sql.lock_timeout(ctx, stall) end

-- A note at once and then every few seconds.
---@return fun(message: string)
function sql.reminder() end

-- From now on: raises when --patience has passed.
---@param ctx partdemo.Context
---@return fun(why: string)
function sql.patience(ctx) end

-- Runs f until it gets its locks, with growing pauses of random length; raises when --patience has passed.
---@param ctx partdemo.Context
---@param what string
---@param oids integer[]  the tables that it locks
---@param f fun()
---@param timeouts? boolean  statement_timeout is f's own and means to try again too
---@return integer tries  in vain
function sql.ladder(ctx, what, oids, f, timeouts) end

-- Sets lock_timeout, statement_timeout (ms) and budget (an interval) by --stall.
---@param ctx partdemo.Context
---@param vars table<string, string>
function sql.set_limits(ctx, vars) end

-- Runs f in a transaction whose locks are waited for no longer than a part of --stall, until it gets them.
---@param ctx partdemo.Context
---@param what string  for messages
---@param oids integer[]  of the tables that it locks
---@param f fun()
---@param timeouts? boolean  a statement_timeout of f's own means the same
---@return integer tries  that were in vain
function sql.briefly(ctx, what, oids, f, timeouts) end

return sql
