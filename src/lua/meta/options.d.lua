---@meta partdemo.options
-- The one table of commands and options. Source: src/lua/options.lua.
local options = {}

---@class partdemo.Option
---@field long string
---@field short? string
---@field arg? string  what its value is called; absent: it takes none
---@field choices? string[]
---@field complete? "file"|"directory"|"mix"  what its value can be, for the shells
---@field help string
---@field hidden? boolean
---@field many? boolean  may come many times: a list of values
---@field with? string  counts only beside that option

---@class partdemo.Command
---@field name string
---@field args? string
---@field choices? string[]
---@field complete? "scenario"|"file"|"command"
---@field summary string
---@field text? string
---@field options? partdemo.Option[]
---@field examples { [1]: string, [2]: string }[]

---@type string
options.summary = ""

-- What the program is for, in a paragraph.
---@type string
options.description = ""

-- Options that every command takes.
---@type partdemo.Option[]
options.global = {}

---@type partdemo.Command[]
options.commands = {}

---@type { [1]: string, [2]: string }[]
options.environment = {}

-- Files that the program reads and makes.
---@type { [1]: string, [2]: string }[]
options.files = {}

---@type { [1]: string, [2]: string }[]
options.exit_codes = {}

---@param name string
---@return partdemo.Command?
function options.command(name) end

-- Every option of a command, its own first.
---@param command? partdemo.Command
---@return partdemo.Option[]
function options.of(command) end

-- Those of a list that count with these words of a command line.
---@param list partdemo.Option[]
---@param words string[]
---@return partdemo.Option[]
function options.given(list, words) end

return options
