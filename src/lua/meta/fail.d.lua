---@meta partdemo.fail
-- Failures and exit codes. Source: src/lua/fail.lua.
local fail = {}

-- failed 1, usage 2, connect 3, check 4, leftover 5
---@type table<partdemo.FailClass, integer>
fail.codes = {}

-- Raises a failure; more: hint, detail and other fields of partdemo.Error.
---@param class partdemo.FailClass
---@param message string
---@param more? table
function fail.raise(class, message, more) end

-- pcall() that turns a Lua error into an error table which knows where it was raised.
---@param f function
---@param ... any
---@return boolean ok
---@return any ...
function fail.call(f, ...) end

-- The exit code for any error value; 128 and the signal's number for an interrupt.
---@param e any
---@return integer
function fail.code(e) end

return fail
