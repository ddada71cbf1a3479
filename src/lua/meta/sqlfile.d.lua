---@meta partdemo.sqlfile
-- Source: src/lua/sqlfile.lua.
local sqlfile = {}

---@param path string
---@param vars? table<string, string|number|boolean>
---@param names? table<string, string>  other names for identifiers, see sqltext.split
---@return partdemo.SqlText?
---@return partdemo.Error? err  with file and line
function sqlfile.read(path, vars, names) end

---@class partdemo.StatementRun
---@field label string  the first line of its comment, else the statement
---@field sql string
---@field line integer
---@field seconds number
---@field rows? integer
---@field result partdemo.Result

---@class partdemo.SqlFileOptions
---@field transaction boolean
---@field lock_timeout? number  seconds
---@field on_statement fun(run: partdemo.StatementRun)
---@field watch fun(f: fun(): any): any  runs f, a statement that may wait
---@field on_notice fun(notice: string)
---@field before_commit? fun()

-- Runs one statement; an error knows its place in the file.
---@param conn partdemo.Conn
---@param parsed partdemo.SqlText
---@param i integer
---@param path string
---@return partdemo.Result
function sqlfile.exec(conn, parsed, i, path) end

-- Runs the statements; raises the error with its place in the file, after a rollback.
---@param conn partdemo.Conn
---@param parsed partdemo.SqlText
---@param path string
---@param options partdemo.SqlFileOptions
function sqlfile.run(conn, parsed, path, options) end

-- Adds to an error of a statement, sent as it is or behind a prefix such as EXPLAIN, where it is in the file.
---@param e partdemo.Error
---@param parsed partdemo.SqlText
---@param i integer
---@param path string
---@return partdemo.Error
function sqlfile.locate(e, parsed, i, path) end

-- Rolls back what is open. False: something may still be open.
---@param conn partdemo.Conn
---@return boolean
function sqlfile.roll_back(conn) end

return sqlfile
