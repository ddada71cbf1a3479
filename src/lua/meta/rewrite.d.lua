---@meta partdemo.rewrite
-- Conditions that leaves can be chosen by. Source: src/lua/rewrite.lua.
local rewrite = {}

-- "timestamp without time zone" -> "timestamp"
---@param type string
---@return string
function rewrite.type_name(type) end

-- Without the casts that the server adds to literals.
---@param s string
---@return string
function rewrite.shorten(s) end

-- "write created_at >= ...", for a condition that computes with the key; nil when no other one is certain to
-- select the same rows. to_char() writes years BC as those AD: the hint says so.
---@param about { key: { name: string, type: string }, left: string, operator: string, right: string }
---@return string?
function rewrite.hint(about) end

return rewrite
