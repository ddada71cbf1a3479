---@meta _
-- A worker thread's clients, seen from the Lua of that thread: mixdrive.drive() gets one. No module has it.
-- Source: src/bind/worker.c over src/core/load.h.

---@class partdemo.Worker
local Worker = {}

-- Goes on until there is something to take (true), or the run is over (false).
---@return boolean
function Worker:step() end

-- A client whose operation is to be performed here; nothing when there is none.
---@return integer? client
---@return integer? entry  from 1
---@return integer? number  the client's, in the whole run
function Worker:take() end

-- The taken client's connection, until give_back().
---@param client integer
---@return partdemo.Conn
function Worker:conn(client) end

-- Calls f(...) as pcall() does. When the run has ended, f fails with the kind "interrupt", even if it waits for nothing.
---@param f function
---@param ... any
---@return boolean ok
---@return any ...
function Worker:guard(f, ...) end

-- The operation has ended. sqlstate: "" = acknowledged.
---@param client integer
---@param conn partdemo.Conn
---@param rows integer
---@param retries integer
---@param sqlstate string
---@param message? string  the server's, when it failed
function Worker:give_back(client, conn, rows, retries, sqlstate, message) end

-- Gives what is due to idle clients, without waiting.
function Worker:poke() end

-- Ends the whole run, of all threads.
function Worker:stop() end

-- Accounts for what is still under way. Called once, at the end.
function Worker:finish() end
