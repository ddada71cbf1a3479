---@meta partdemo.tree
-- Source: src/lua/tree.lua.
local tree = {}

-- How a table is partitioned and which part of its parent it is, in one line. top: it was asked for.
---@param node partdemo.Tree
---@param top? boolean
---@return string
function tree.describe(node, top) end

-- "1,200"; estimated "~1,200", "~1,200 + ?" when some leaves were never analyzed; "?" not known.
---@param node partdemo.Tree
---@param estimated? boolean
---@return string
function tree.rows(node, estimated) end

-- A size: "24 kB"; estimated "~24 kB".
---@param n integer
---@param estimated? boolean
---@return string
function tree.bytes(n, estimated) end

-- Trees as one table; detail: with heap sizes and indexes.
---@param trees partdemo.Tree[]
---@param detail? boolean
---@return string
function tree.render(trees, detail) end

-- Pending detaches and indexes that are not valid, a text each. above: the parent of node.
---@param node partdemo.Tree
---@param above? partdemo.Tree
---@return string[]
function tree.remarks(node, above) end

-- A tree as `--format json` prints it. estimated: of the tree that it is part of.
---@param node partdemo.Tree
---@param top? boolean
---@param estimated? boolean
---@return table
function tree.document(node, top, estimated) end

return tree
