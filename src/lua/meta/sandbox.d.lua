---@meta partdemo.sandbox
-- Source: src/lua/sandbox.lua.
local sandbox = {}

-- What a user's file returns; directories: where its modules are looked for.
---@param path string
---@param directories string[]
---@return any
function sandbox.load(path, directories) end

return sandbox
