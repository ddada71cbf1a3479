---@meta partdemo.partkey
-- What conditions say of a partition key. Source: src/lua/partkey.lua.
local partkey = {}

-- A column of a key, or an expression of it.
---@class partdemo.PartKey
---@field name string  the column, quoted if need be, or the expression as EXPLAIN writes it
---@field type? string  of a column
---@field strategy string  "range", "list" or "hash"
---@field of table  the relation whose key it is part of
---@field is_expression boolean
---@field found_in fun(s: string): boolean

-- The parts of the keys of an occurrence's table and of the partitioned tables below it, highest first.
---@param each partdemo.Occurrence
---@return partdemo.PartKey[]
function partkey.of(each) end

-- What a condition compares a key with, the key on the left; nil when no key is in it.
---@param condition string
---@param keys partdemo.PartKey[]
---@return { key: partdemo.PartKey, role: string, both?: boolean, left?: string, operator?: string, right?: string, text: string }?
function partkey.about(condition, keys) end

-- A column that a key's expression computes with, and that a condition has without the expression; the key.
---@param parts string[]  conditions
---@param keys partdemo.PartKey[]
---@return string?
---@return partdemo.PartKey?
function partkey.alone(parts, keys) end

return partkey
