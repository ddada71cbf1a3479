---@meta partdemo.treediff
-- What became of partition trees. Source: src/lua/treediff.lua.
local treediff = {}

-- One table: + added, - gone, ~ changed; unchanged leaves are folded when there are many. Without a tree before,
-- the plain trees.
---@param before partdemo.Tree[]
---@param after partdemo.Tree[]
---@return string
function treediff.render(before, after) end

return treediff
