---@meta partdemo.commands
-- The commands, by name. Each takes what args.parse gave. Source: src/lua/commands.lua.
local commands = {}

---@param parsed table
function commands.run(parsed) end

---@param parsed table
function commands.list(parsed) end

---@param parsed table
function commands.describe(parsed) end

---@param parsed table
function commands.check(parsed) end

---@param parsed table
function commands.explain(parsed) end

---@param parsed table
function commands.tree(parsed) end

---@param parsed table
function commands.stats(parsed) end

---@param parsed table
function commands.test(parsed) end

---@param parsed table
function commands.compare(parsed) end

---@param parsed table
function commands.server(parsed) end

---@param parsed table
function commands.env(parsed) end

---@param parsed table
function commands.completion(parsed) end

---@param parsed table
function commands.help(parsed) end

return commands
