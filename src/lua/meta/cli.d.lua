---@meta partdemo.cli
-- Source: src/lua/cli.lua.
local cli = {}

---@param words string[]
---@return integer exit_code
function cli.main(words) end

return cli
