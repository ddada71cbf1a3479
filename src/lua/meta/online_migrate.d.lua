---@meta partdemo.online_migrate
-- The steps of scenarios/online/migrate.lua that are its own. Source: src/lua/online_migrate.lua.
local migrate = {}

-- What the new table is to be: those of online_shape and online_types, and --widen.
---@type partdemo.Param[]
migrate.params = {}

-- The table (a row of src/sql/online_source.sql), its new shape, and the table with its partitions (rows of
-- src/sql/online_members.sql). Raises what cannot be carried over.
---@param ctx partdemo.Context
---@return table source
---@return partdemo.OnlineShape shape
---@return table[] members
function migrate.look(ctx) end

-- Makes the new table aside; or finds the run that was begun before.
---@param ctx partdemo.Context
function migrate.begin(ctx) end

-- Raises when a row has no partition.
---@param ctx partdemo.Context
function migrate.fit(ctx) end

---@param ctx partdemo.Context
function migrate.abort(ctx) end

-- Whether the table is partitioned as the parameters ask for; why not.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function migrate.is_done(conn, params) end

-- Whether it is not, as after --undo.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function migrate.is_undone(conn, params) end

return migrate
