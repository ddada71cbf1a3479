---@meta partdemo.online_words
-- Words of the command line that say what new partitions are to be. Source: src/lua/online_words.lua.
local words = {}

-- Raises a usage failure.
---@param message string
---@param hint? string
function words.usage(message, hint) end

-- The parts of a list, without blanks around them and without empty ones.
---@param list string
---@param separator string
---@return string[]
function words.split(list, separator) end

-- Values of a bound as SQL, in parentheses. MINVALUE, MAXVALUE and NULL stay words.
---@param conn partdemo.Conn
---@param list string[]
---@return string
function words.literals(conn, list) end

-- The cuts of a range: separated by commas, with several key columns by semicolons. word is as it was given.
---@param conn partdemo.Conn
---@param at string
---@param key_columns integer
---@param option? string  for messages; "at" by default
---@return { values: string[], text: string, word: string }[]
function words.cuts(conn, at, key_columns, option) end

-- Bounds from one end to the next.
---@param ends string[]  as words.literals gives them
---@return string[]
function words.ranges(ends) end

-- A word that can be a part of a plain name; may be empty.
---@param word string
---@return string
function words.plain(word) end

-- A name for the time until the swap, while another table has that one.
---@param name string
---@return string
function words.aside(name) end

-- A new partition; taken: an old one has the name until the swap. Raises when something else has it, or
-- when it is too long.
---@param conn partdemo.Conn
---@param source { schema: string }
---@param name string
---@param bound_text string
---@param taken? boolean
---@return partdemo.OnlineTarget
function words.target(conn, source, name, bound_text, taken) end

-- Raises when two names are the same.
---@param names string[]
function words.differ(names) end

return words
