---@meta partdemo.online_run
-- The rows of partdemo.runs. Source: src/lua/online_run.lua, sql/online/begin.sql.
local run = {}

---@class partdemo.OnlineRun
---@field id integer
---@field phase string  the last one that has ended
---@field details table  what the operation has to know again
---@field arguments? string
---@field begun? string
---@field copied integer  rows
---@field key? string[]  of the last row that was copied
---@field names table<string, string>  of what the run makes for itself

-- Seconds that a transaction waits for a lock behind which nobody else waits.
run.lock_wait = 0.2

-- Whether a split or merge has the phase behind it.
---@param this partdemo.OnlineRun
---@param phase string
---@return boolean
function run.has(this, phase) end

-- The same for ctx.online; says "done before".
---@param ctx partdemo.Context
---@param phase string
---@return boolean
function run.is_past(ctx, phase) end

-- Whether --abort can remove every trace.
---@param this partdemo.OnlineRun
---@return boolean
function run.can_abort(this) end

-- What the steps work on.
---@param this partdemo.OnlineRun
---@return partdemo.OnlineChange
function run.change(this) end

-- Settings of the session that an online change needs.
---@param ctx partdemo.Context
function run.prepare_session(ctx) end

-- The same without a look at the server's version.
---@param conn partdemo.Conn
function run.set_session(conn) end

-- The run on --partition of --table that has not ended; nil when there is none.
---@param conn partdemo.Conn
---@param operation string
---@param params partdemo.Params
---@return partdemo.OnlineRun?
function run.find(conn, operation, params) end

-- Every run that has not ended, each with parent, the name of its table, and is_there, whether there is one. First
-- those on the tables or below them, then those on others.
---@param conn partdemo.Conn
---@param tables string[]
---@return partdemo.OnlineRun[]
---@return partdemo.OnlineRun[]
function run.all(conn, tables) end

-- The command that goes on with a run of run.all.
---@param this partdemo.OnlineRun
---@return string
function run.command(this) end

-- Sets the search_path in which a run was begun, and ctx.online_table if that is another one than the session's; the
-- function that undoes it.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
---@return fun()
function run.enter(ctx, this) end

-- What run.find says of ctx.params, entered.
---@param ctx partdemo.Context
---@param operation string
---@return partdemo.OnlineRun?
function run.take_up(ctx, operation) end

-- The run that was begun with the same arguments and goes on now. Raises a usage failure when it was begun
-- with others.
---@param ctx partdemo.Context
---@param operation string
---@param arguments string
---@return partdemo.OnlineRun?
function run.resume(ctx, operation, arguments) end

-- Names of what a run makes for itself.
---@param id integer|string
---@param turned? boolean  on the way back
---@param new? { full_name: string, kept?: string }  the whole table that rows go to
---@return table<string, string>
function run.own_names(id, turned, new) end

-- Notes a run, within the caller's transaction.
---@param ctx partdemo.Context
---@param spec { operation: string, arguments: string, sources: table[], name?: string, phase: string, details: table }
---@return partdemo.OnlineRun
function run.begin(ctx, spec) end

-- What somebody took from under the split or merge of ctx.online, in words; nil when nothing is missing.
---@param ctx partdemo.Context
---@return string?
function run.lost(ctx) end

---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
---@param phase string
function run.advance(ctx, this, phase) end

-- Adds to the details.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
---@param more table
function run.note(ctx, this, more) end

-- Whether a run whose old partitions are kept captures every change of the new ones, as it has to.
---@param conn partdemo.Conn
---@param this partdemo.OnlineRun
---@return boolean
function run.captures(conn, this) end

-- Notes that a run cannot go on any more, but only be taken back.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function run.abort(ctx, this) end

-- Raises a check failure of a run that is so.
---@param this partdemo.OnlineRun?
function run.refuse_aborted(this) end

-- Drops the schema partdemo when no run besides this one is left.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function run.forget_schema(ctx, this) end

-- Forgets a run of which nothing else is left.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function run.forget(ctx, this) end

return run
