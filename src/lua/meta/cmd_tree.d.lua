---@meta partdemo.cmd_tree
-- partdemo tree TABLE... and partdemo stats TABLE... Source: src/lua/cmd_tree.lua.
local cmd_tree = {}

---@param parsed table
function cmd_tree.tree(parsed) end

---@param parsed table
function cmd_tree.stats(parsed) end

return cmd_tree
