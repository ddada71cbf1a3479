---@meta partdemo.fail
-- Failures and exit codes: how a function step ends the run with words of its own.
--
-- ```lua
-- fail.raise("check", "March has no rows yet", { hint = "'partdemo run load' brings some." })
-- ```
--
-- Source: src/lua/fail.lua.
local fail = {}

-- The exit code of each class: failed 1, usage 2, connect 3, check 4, leftover 5.
---@type table<partdemo.FailClass, integer>
fail.codes = {}

-- Raises a failure.
---@param class partdemo.FailClass  decides the exit code
---@param message string  what happened, and where
---@param more? table  `hint`, what to do next; `detail`; other fields of partdemo.Error
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

-- After steps that were done a mistake in usage is a failed step, and names them: exit code 2 promises that nothing was
-- touched.
---@param e any
---@param ran string[]  the steps that were done
function fail.after(e, ran) end

return fail
