---@meta partdemo.online_detach
-- The steps of scenarios/online/detach.lua. Source: src/lua/online_detach.lua.
local detach = {}

-- Looks at the partition and the archive; or finds the run that was begun before.
---@param ctx partdemo.Context
function detach.begin(ctx) end

-- Detaches; finishes what was interrupted.
---@param ctx partdemo.Context
function detach.detach(ctx) end

-- Copies the rows into the archive.
---@param ctx partdemo.Context
function detach.archive(ctx) end

-- Compares count and content; with --drop, drops the partition in the same transaction.
---@param ctx partdemo.Context
function detach.prove(ctx) end

---@param ctx partdemo.Context
function detach.finish(ctx) end

-- Attaches the partition again and takes its rows out of the archive.
---@param ctx partdemo.Context
function detach.abort(ctx) end

-- Whether the partition is detached and archived as the parameters ask for.
---@param conn partdemo.Conn
---@param params partdemo.Params
---@return boolean
---@return string? detail
function detach.is_done(conn, params) end

-- Undoes a run: the partition is attached again.
---@param ctx partdemo.Context
---@param this partdemo.OnlineRun
function detach.take_back(ctx, this) end

return detach
