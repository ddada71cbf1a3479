---@meta partdemo.conn
-- A connection to the server, over asynchronous libpq: while a statement runs, other tasks of the scheduler go on.
-- Ctrl-C cancels the statement at the server and raises an error of kind "interrupt". One statement at a time.
--
-- ```lua
-- local rows = ctx.conn:exec("SELECT relname, reltuples FROM pg_class WHERE relkind = $1", "p")
-- for _, row in ipairs(rows) do
--   print(row.relname, row.reltuples)
-- end
-- ```
--
-- Source: src/bind/conn.c, src/bind/result.c.
local conn = {}

-- A connection: `ctx.conn` of a function step, the client of a mix, or one of conn.connect.
---@class partdemo.Conn
local Conn = {}

-- Rows by number, each a table by column name. boolean, smallint, integer, bigint, oid, real and double
-- precision become booleans and numbers, all else is text (numeric too); NULL is an absent key.
---@class partdemo.Result
---@field [integer] table<string, any>  the rows, from 1
---@field columns string[]  names of the columns; empty for a statement that returns no rows
---@field types { [1]: integer, [2]: integer }[]  type OID and modifier of each column
---@field command string  "INSERT", "CREATE TABLE"
---@field affected? integer  rows that it wrote or returned, as the command tag says

-- Connects. settings: `params` of config.resolve(), or libpq's connection keywords; more wins over them.
---@param settings partdemo.ConnParams|table<string, string>
---@param more? table<string, string>
---@return partdemo.Conn?
---@return partdemo.Error? err
function conn.connect(settings, more) end

-- Runs a statement; without parameters there may be several, and the last one's result is returned. Parameters
-- ($1, $2, ...) are sent as text, at most 64, nil is NULL. A COPY is refused.
---@param sql string
---@param ... string|number|boolean|nil
---@return partdemo.Result
function Conn:exec(sql, ...) end

-- Begins COPY ... FROM STDIN; returns when the server waits for the rows (copy.new sends them).
---@param sql string
---@return partdemo.Result
function Conn:copy_in(sql) end

-- Rows for that COPY, in its format. libpq keeps what is not sent yet; copy_end() raises what went wrong.
---@param bytes string
function Conn:copy_put(bytes) end

-- Ends it; with a reason, the server refuses all of it with that message.
---@param reason? string
---@return partdemo.Result
function Conn:copy_end(reason) end

-- Also done by `local c <close>` and by the collector. Twice is fine.
function Conn:close() end

-- Whether it is in a transaction, or of no use any more.
---@return "idle"|"active"|"transaction"|"failed transaction"|"lost"|"closed"
function Conn:status() end

-- What it is connected to. version: 150004; version_text: "15.4"
---@return { host: string, port: string, user: string, dbname: string, pid: integer, version: integer, version_text: string }
function Conn:info() end

-- A name quoted as an identifier.
---@param name string
---@return string
function Conn:ident(name) end

-- A value quoted as a literal.
---@param value string
---@return string
function Conn:literal(value) end

-- The oldest notice that was not taken yet, as psql prints it; nil when there is none.
---@return string?
function Conn:notice() end

return conn
