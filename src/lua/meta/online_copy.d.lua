---@meta partdemo.online_copy
-- Moves rows while others write. Source: src/lua/online_copy.lua.
local copy = {}

---@class partdemo.OnlineChange
---@field run partdemo.OnlineRun
---@field source table  the first of the sources
---@field sources table[]  rows of src/sql/online_source.sql: the partitions that are replaced
---@field targets partdemo.OnlineTarget[]
---@field lines string[]  the definition of what is replaced, and so of what is new
---@field lines_after? string[]  that of what is new, when columns change their types
---@field zone? string  the time zone that was given for that
---@field default_promise boolean  a default partition beside has to promise that it holds none of the rows
---@field whole? boolean  a whole table is replaced: new is the one in its place, targets are its partitions
---@field new? partdemo.OnlineTarget
---@field members? table[]  the old table and its partitions: rows of src/sql/online_members.sql
---@field variables? table<string, string>  for copy.rows, other ones than copy.variables gives

-- psql variables of the SQL files.
---@param change partdemo.OnlineChange
---@return table<string, string>
function copy.variables(change) end

-- The bodies of a run's functions (src/sql/online_bodies.sql).
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@param router? string  where rows go, if not to the run's
---@return { capture: string, drain: string }
function copy.bodies(ctx, change, router) end

---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
function copy.capture(ctx, change) end

-- Copies what is not copied yet, at the pace of partdemo.online_pace, and says how long it took and paused.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
function copy.rows(ctx, change) end

-- Applies the log until little is left.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
---@return integer lines
function copy.drain(ctx, change) end

-- Raises when old and new differ in one snapshot.
---@param ctx partdemo.Context
---@param change partdemo.OnlineChange
function copy.verify(ctx, change) end

return copy
