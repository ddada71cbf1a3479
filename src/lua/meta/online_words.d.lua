---@meta partdemo.online_words
-- Words of the command line that say what new partitions are to be. Source: src/lua/online_words.lua.
local words = {}

-- Raises a usage failure.
---@param message string
---@param hint? string
function words.usage(message, hint) end

-- The words of a list between separators that are not in quotes, without blanks around them; nil when a quote is not
-- closed.
---@param list string
---@param separator string
---@param quote string  a double or a single one
---@return string[]?
function words.scan(list, separator, quote) end

-- The same without empty words. Raises when a quote is not closed.
---@param list string
---@param separator string
---@param quote string
---@return string[]
function words.split(list, separator, quote) end

-- What is in the quotes; nil when it is not one quoted word.
---@param word string
---@param quote string
---@return string?
function words.unquoted(word, quote) end

-- The values of a list: quoted ones may have commas in them, NULL and so on are keywords.
---@param list string
---@return partdemo.BoundValue[]
function words.values(list) end

-- The values of each group; groups are separated by semicolons.
---@param list string
---@return partdemo.BoundValue[][]
function words.groups(list) end

-- A value as text.
---@param value partdemo.BoundValue
---@return string
function words.text(value) end

-- Values of a bound as SQL, in parentheses.
---@param conn partdemo.Conn
---@param list partdemo.BoundValue[]
---@return string
function words.literals(conn, list) end

-- The cuts of a range: separated by commas, with several key columns by semicolons. word: its values as texts.
---@param conn partdemo.Conn
---@param at string
---@param key_columns integer
---@param option? string  for messages; "at" by default
---@return { values: partdemo.BoundValue[], text: string, word: string }[]
function words.cuts(conn, at, key_columns, option) end

-- Bounds from one end to the next.
---@param ends string[]  as words.literals gives them
---@return string[]
function words.ranges(ends) end

-- A value as a part of a plain name; may be empty.
---@param value partdemo.BoundValue
---@return string
function words.plain(value) end

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

-- What f(...) gives. What the server says against it is raised as a mistake in the words of the option `given`; trial:
-- what the names of tables begin with that only the trial has.
---@param given string
---@param trial string
---@param f function
---@return any
function words.judge(given, trial, f, ...) end

-- A word as a shell reads it.
---@param word string
---@return string
function words.shell(word) end

-- Raises when two names are the same.
---@param names string[]
function words.differ(names) end

return words
