---@meta partdemo.completion
-- Shell scripts from the option table. Source: src/lua/completion.lua.
local completion = {}

---@return string
function completion.bash() end

---@return string
function completion.zsh() end

---@return string
function completion.fish() end

return completion
