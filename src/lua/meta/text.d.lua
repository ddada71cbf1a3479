---@meta partdemo.text
-- Wording. Source: src/lua/text.lua.
local text = {}

-- "1 row", "1,100 rows"
---@param n integer
---@param one string
---@param many? string
---@return string
function text.count(n, one, many) end

-- "1,234,567"
---@param n integer
---@return string
function text.number(n) end

-- "0.41 ms", "12 ms", "3.20 s", "2 min 5 s"
---@param s number
---@return string
function text.seconds(s) end

-- "8192 bytes", "16 kB"
---@param n integer
---@return string
function text.bytes(n) end

-- "500ms", "30s", "2m", "2min", "1h" in seconds; nil when it is no duration.
---@param value any
---@return number?
function text.duration(value) end

-- The name that is nearest to a wrong one; nil when none is near.
---@param wrong string
---@param names string[]
---@return string?
function text.nearest(wrong, names) end

-- ", did you mean 'x'?" or ""
---@param wrong string
---@param names string[]
---@return string
function text.did_you_mean(wrong, names) end

-- "a; b; c; and 4 more": rows[i][key] of the first ones, made printable.
---@param rows table[]
---@param key string
---@param limit? integer  3
---@param separator? string  "; "
---@return string
function text.few(rows, key, limit, separator) end

-- Control characters escaped (\n, \x1b), so that a terminal does not obey them.
---@param s string
---@return string
function text.printable(s) end

-- Sorted keys, as strings.
---@param t table
---@return string[]
function text.keys(t) end

-- With control characters shown as \xNN.
---@param s string
---@return string
function text.visible(s) end

-- Cut to a number of characters, with "..." at the end.
---@param s string
---@param width integer
---@return string
function text.cut(s, width) end

-- Lines folded between words at a width (0: not at all); all but the very first are indented.
---@param s string
---@param width integer
---@param indent integer
---@return string
function text.fold(s, width, indent) end

-- Columns of a terminal that the first n characters of a text take: 2 for wide ones, 0 for marks.
---@param s string
---@param n integer
---@return integer
function text.columns(s, n) end

-- Padded with blanks on the right.
---@param s string
---@param width integer
---@return string
function text.pad(s, width) end

return text
