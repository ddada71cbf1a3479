---@meta partdemo.treediff
-- What became of partition trees. Source: src/lua/treediff.lua.
local treediff = {}

-- Whether every tree has the same partitions, bounds and rows as before.
---@param before table[]
---@param after table[]
---@return boolean
function treediff.unchanged(before, after) end

-- One table: + added, - gone, ~ changed; unchanged leaves are folded when there are many. Without a tree before,
-- the plain trees.
---@param before partdemo.Tree[]
---@param after partdemo.Tree[]
---@return string
function treediff.render(before, after) end

return treediff
