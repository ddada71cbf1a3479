---@meta partdemo.target
-- From settings to a connection. Source: src/lua/target.lua.
local target = {}

---@param options table<string, string|boolean>  of args.parse
---@return partdemo.Settings
function target.settings(options) end

---@param options table<string, string|boolean>
---@param settings partdemo.Settings
---@return partdemo.ServerOptions
function target.private_options(options, settings) end

-- Starts the private server when no server is named.
---@param options table<string, string|boolean>
---@param only_reads? boolean  a standby or a read-only session will do
---@return partdemo.Conn
---@return string described  the target, for people
---@return partdemo.Settings
---@return table<string, string> keywords  that go over settings.params; empty unless the server is the private one
function target.connect(options) end

-- Sets a new session's parameters to what a run relies on: time zone, application name, row security and others.
---@param conn partdemo.Conn
function target.prepare(conn) end

-- Keeps other runs away from the database until the session ends; waits up to 60 s for them.
---@param conn partdemo.Conn
function target.lock(conn) end

-- Makes a run's connection and lock again when the connection is lost. False: the server did not come back in time.
---@param ctx partdemo.Context
---@param seconds number
---@return boolean
function target.restore(ctx, seconds) end

return target
