---@meta partdemo.json
-- JSON by jansson. Source: src/bind/json.c.
local json = {}

-- null, where a key has to be written although there is no value.
---@type lightuserdata
json.null = nil

-- Reads a document. null becomes an absent key; arrays stay arrays for encode().
---@param text string
---@return any
---@return partdemo.Error? err  with the line
function json.decode(text) end

-- Writes a value, keys sorted. Tables with a sequence or marked by array() become arrays, others objects; NaN and infinities
-- become null. Raises when a value has no JSON form.
---@param value any
---@param indent? integer  0: one line
---@return string
function json.encode(value, indent) end

-- Marks a table to be written as an array even when it is empty.
---@generic T: table
---@param t T
---@return T
function json.array(t) end

return json
