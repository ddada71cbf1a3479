---@meta partdemo.sqltext
-- SQL files as psql sees them. Source: src/bind/sqltext.c over src/core/sqltext.h.
local sqltext = {}

-- The statements of a file; `#text` is how many. Closed by `local t <close>` and by the collector.
---@class partdemo.SqlText
---@operator len: integer
local SqlText = {}

---@class partdemo.Statement
---@field sql string  byte for byte what psql would send, without the semicolon
---@field line integer  of its first word, in the file
---@field verb string  its first word in upper case, "" if it begins otherwise
---@field comment? string  right above it, without markers

-- Splits a file and puts in the variables (see partdemo.Param). names: identifiers to replace, as the catalog has
-- them, by what is to stand in the SQL instead; those in strings, dollar quotes and comments stay, and so do names
-- with a double quote in them.
---@param text string
---@param variables? table<string, string|number|boolean>
---@param names? table<string, string>
---@return partdemo.SqlText?
---@return partdemo.Error? err  with the line: an open quote, a psql command, COPY FROM STDIN, ...
function sqltext.split(text, variables, names) end

---@param i integer
---@return partdemo.Statement
function SqlText:statement(i) end

-- Where the server's error position is in the file. in_value: inside the value of a variable, whose name is at the
-- place then. Nil: there is no such position.
---@param i integer
---@param position integer  characters from 1
---@return { line: integer, column: integer, in_value: boolean, text: string, caret: integer }?
function SqlText:locate(i, position) end

-- Variables that the file uses, in order of first use.
---@return { name: string, line: integer, defined: boolean }[]
function SqlText:variables() end

function SqlText:close() end

return sqltext
