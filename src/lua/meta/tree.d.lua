---@meta partdemo.tree
-- Source: src/lua/tree.lua.
local tree = {}

-- Trees as one table.
---@param trees partdemo.Tree[]
---@return string
function tree.render(trees) end

-- A tree as `--format json` prints it.
---@param node partdemo.Tree
---@param top? boolean
---@return table
function tree.document(node, top) end

return tree
