---@meta partdemo.sys
-- What Lua's own libraries lack. Source: src/bind/sys.c.
local sys = {}

---@type string
sys.version = ""

-- Where it was built from.
---@type string
sys.source_dir = ""

-- The text of a file that is built into the program ("bounds.sql"); nil when there is none.
---@param name string
---@return string?
function sys.embedded(name) end

---@param path string
---@return string?
---@return partdemo.Error? err
function sys.realpath(path) end

-- Nil when there is no such thing. Links are followed.
---@param path string
---@return "file"|"directory"|"other"|nil
function sys.kind(path) end

-- Names in a directory, in no order, "." and ".." too.
---@param directory string
---@return string[]?
---@return partdemo.Error? err
function sys.list(directory) end

---@param fd integer
---@return boolean
function sys.isatty(fd) end

-- Columns of the terminal behind fd; nil when it is none.
---@param fd integer
---@return integer?
function sys.width(fd) end

-- Whether the locale's characters are UTF-8.
---@return boolean
function sys.utf8() end

-- The path of the running program.
---@return string?
function sys.program() end

-- Processors that this process may use.
---@return integer
function sys.cores() end

-- Seconds of processor time that the calling thread has used.
---@return number
function sys.cpu() end

return sys
