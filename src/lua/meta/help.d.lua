---@meta partdemo.help
-- Help and the man page from the option table. Source: src/lua/help.lua.
local help = {}

---@return string
function help.general() end

---@param command partdemo.Command
---@return string
function help.command(command) end

-- The man page as scdoc's source.
---@return string
function help.man() end

return help
