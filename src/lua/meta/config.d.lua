---@meta partdemo.config
-- The settings and where each comes from: flags, then the environment, then .env, POSTGRES_* before libpq's own
-- variables. Source: src/bind/config.c over src/core/config.h.
local config = {}

-- What to connect with, the password included: an opaque value for conn.connect alone.
---@class partdemo.ConnParams

---@class partdemo.Setting
---@field key string  "host", "port", "dbname", "user", "password", ...
---@field name? string  the flag or variable that sets it
---@field value? string  absent for a password
---@field origin string  where the value comes from, in words
---@field set boolean  false: a default
---@field secret boolean
---@field ignored boolean  given, but not used because no server is named

---@class partdemo.Settings
---@field private boolean  nothing names a server
---@field target string  what the server is called, without secrets
---@field origin string  where that comes from
---@field settings partdemo.Setting[]
---@field warnings string[]
---@field options { SIMULATOR_INTERVAL_MS: integer, PARTDEMO_ROOT?: string, PARTDEMO_STATE?: string, PARTDEMO_PG_BIN?: string }
---@field params partdemo.ConnParams

-- The fields are the flags and the path of the .env file, which need not exist.
---@param flags { dsn?: string, host?: string, port?: string|integer, user?: string, dotenv?: string }
---@return partdemo.Settings?
---@return partdemo.Error? err  its `problems` lists every wrong setting
function config.resolve(flags) end

return config
