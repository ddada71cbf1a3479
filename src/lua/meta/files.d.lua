---@meta partdemo.files
-- Where things are. Source: src/lua/files.lua.
local files = {}

---@param path string
---@return string
function files.directory_of(path) end

-- The folder with scenarios/ and sql/: the given one, else beside the program, the working directory, the
-- source tree.
---@param given? string
---@return string
function files.root(given) end

-- Names of the scenarios under a root, sorted.
---@param root string
---@return string[]
function files.scenarios(root) end

-- The path of a scenario given by name, or by a path that ends in .lua.
---@param root string
---@param given string
---@return string
function files.scenario(root, given) end

-- The path of an SQL file: beside the scenario, else under sql/; nil when it is nowhere.
---@param root string
---@param scenario_directory string
---@param name string
---@return string?
function files.sql(root, scenario_directory, name) end

---@param path string
---@return string? bytes
---@return string? why
function files.read(path) end

-- The path of a mix beside a scenario when it is there, else what was given.
---@param scenario_directory string
---@param given string
---@return string
function files.mix(scenario_directory, given) end

return files
