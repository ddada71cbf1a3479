---@meta partdemo.tap
-- Results of tests on stdout: TAP 13 as they come, or one JSON document. Source: src/lua/tap.lua.
local tap = {}

---@class partdemo.Tap
---@field count integer
---@field failed integer
local Tap = {}

---@param as_json boolean
---@return partdemo.Tap
function tap.new(as_json) end

-- TAP as it is; nothing in JSON.
---@param s string
function Tap:lines(s) end

---@param line string
function Tap:comment(line) end

-- The results from now on are of this file.
---@param path string
function Tap:file(path) end

-- A failed one gets YAML diagnostics: message, detail, hint, context, sqlstate, file, line.
---@param row partdemo.TestResult
function Tap:result(row) end

---@param why? string
function Tap:print_document(why) end

-- The plan, or the document.
function Tap:finish() end

---@param why string
function Tap:bail(why) end

return tap
