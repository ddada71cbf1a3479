---@meta partdemo.expression
-- Conditions as EXPLAIN writes them. Source: src/lua/expression.lua.
local expression = {}

---@param s string
---@return { text: string, kind: string, at: integer, after: integer }[]
function expression.tokens(s) end

-- Without the parentheses around all of it.
---@param s string
---@return string
function expression.bare(s) end

-- The parts between a word that stands outside of parentheses.
---@param s string
---@param word "AND"|"OR"
---@return string[]
function expression.split(s, word) end

-- Nil when it is no comparison.
---@param s string
---@return string? left
---@return string? operator  "=", "= ANY", "IS NOT NULL", ...
---@return string? right
function expression.comparison(s) end

-- "x::type" -> "x", "type"; without a cast the expression itself.
---@param s string
---@return string inner
---@return string? type
function expression.cast(s) end

-- The value of a literal; nil when it is none.
---@param s string
---@return string? value
---@return boolean? quoted
function expression.literal(s) end

-- Nil when it is no function call as a whole.
---@param s string
---@return string? name
---@return string[]? arguments
function expression.call(s) end

---@param s string
---@param alias string
---@return string
function expression.without_alias(s, alias) end

-- Whether a column stands in it by itself.
---@param s string
---@param name string  quoted if need be
---@return boolean
function expression.mentions(s, name) end

-- Names of the functions that it calls.
---@param s string
---@return string[]
function expression.functions(s) end

return expression
