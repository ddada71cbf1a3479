---@meta partdemo.server
-- The private PostgreSQL. Source: src/bind/server.c over src/core/server.h.
local server = {}

---@class partdemo.ServerOptions
---@field state? string  its directory; else $PARTDEMO_STATE, else a default
---@field pg_bin? string  where PostgreSQL's programs are; else $PARTDEMO_PG_BIN, else searched for

---@class partdemo.ServerInfo
---@field status "absent"|"stopped"|"starting"|"running"|"stopping"|"crashed"
---@field state string  the state directory
---@field data string
---@field socket string  the socket's directory: the host to connect to
---@field log string
---@field owner string  the system user that runs it
---@field version? string  "15.4" while it runs, else "15"
---@field port string
---@field user string
---@field database string
---@field pid? integer
---@field uptime? integer  seconds
---@field started boolean  this call started it
---@field created boolean  this call made it

-- Makes it if need be, starts it if need be, waits until it accepts connections. Two at once share one start.
---@param options? partdemo.ServerOptions
---@return partdemo.ServerInfo?
---@return partdemo.Error? err
function server.start(options) end

-- Looks without changing anything.
---@param options? partdemo.ServerOptions
---@return partdemo.ServerInfo?
---@return partdemo.Error? err
function server.status(options) end

-- Shuts it down and waits for its end; its data stays. No server is no error.
---@param options? partdemo.ServerOptions
---@return partdemo.ServerInfo?
---@return partdemo.Error? err
function server.stop(options) end

-- Stops it and removes its directory. Nothing there is no error.
---@param options? partdemo.ServerOptions
---@return partdemo.ServerInfo?
---@return partdemo.Error? err
function server.destroy(options) end

return server
