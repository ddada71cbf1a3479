---@meta partdemo.sched
-- The scheduler: tasks are coroutines that wait for sockets, timers and one another. Source: src/bind/sched.c.
local sched = {}

-- A task that sched.spawn began.
---@class partdemo.Task
local Task = {}

-- Runs f as the main task until it has ended; tasks that are left are cancelled. An error of a task that nobody
-- joined is the result too. Not to be called within itself.
---@param f function
---@param ... any
---@return boolean ok
---@return any ...  results of f, or a partdemo.Error with a traceback
function sched.run(f, ...) end

-- A new task; f(...) runs when the caller next waits, for a statement or by sched.sleep.
---@param f function
---@param ... any
---@return partdemo.Task
function sched.spawn(f, ...) end

-- Waits for its end; its results, once. Raises its error. One task at a time can wait for it.
---@return any ...
function Task:join() end

-- Ends it where it waits: its to-be-closed variables are closed.
function Task:cancel() end

-- Waits; other tasks, such as a load, go on meanwhile. Raises an error of kind "interrupt" when a signal comes.
---@param seconds number
function sched.sleep(seconds) end

-- Seconds of the monotonic clock: two of them give the time between.
---@return number
function sched.now() end

return sched
