---@meta partdemo.online_types_look
-- Whether columns of a table can have other types. Source: src/lua/online_types_look.lua.
local look = {}

-- Raises what stands in the way of --types. Gives the source what types.apply() gives; the lines of its definition that
-- become others, marked with - and +, or nil when no type changes.
---@param ctx partdemo.Context
---@param source table  a row of src/sql/online_source.sql
---@return string[]? differ
function look.at(ctx, source) end

return look
