-- Words of the command line that say what new partitions are to be, as online changes share them: lists, values of
-- bounds, names.
local catalog = require "partdemo.catalog"
local fail = require "partdemo.fail"
local sql = require "partdemo.online_sql"

local words = {}

local LONGEST_NAME = 63 -- bytes; PostgreSQL cuts longer ones

function words.usage(message, hint)
  fail.raise("usage", message, { hint = hint })
end

-- The parts of a list, blanks around them removed.
function words.split(list, separator)
  local found = {}
  for word in (list .. separator):gmatch("(.-)%" .. separator) do
    word = word:match "^%s*(.-)%s*$"
    if word ~= "" then
      found[#found + 1] = word
    end
  end
  return found
end

local keywords = { MINVALUE = true, MAXVALUE = true, NULL = true }

local function literal(conn, word)
  return keywords[word:upper()] and word:upper() or conn:literal(word)
end

-- Values as a bound has them, in parentheses.
function words.literals(conn, list)
  local found = {}
  for i, word in ipairs(list) do
    found[i] = literal(conn, word)
  end
  return "(" .. table.concat(found, ", ") .. ")"
end

-- The cuts of --at as bounds: with several key columns a cut is a list, and cuts are separated by semicolons. The
-- columns that a cut leaves out begin at the smallest value.
function words.cuts(conn, at, key_columns, option)
  local found = {}
  for i, word in ipairs(words.split(at, key_columns > 1 and ";" or ",")) do
    local values = key_columns > 1 and words.split(word, ",") or { word }
    if #values > key_columns then
      local message = "--%s: %s has more values than the key has columns (%d)"
      words.usage(message:format(option or "at", word, key_columns))
    end
    for j = #values + 1, key_columns do
      values[j] = "MINVALUE"
    end
    found[i] = { values = values, text = words.literals(conn, values), word = word }
  end
  return found
end

-- Bounds from one end to the next.
function words.ranges(ends)
  local bounds = {}
  for i = 1, #ends - 1 do
    bounds[i] = ("FOR VALUES FROM %s TO %s"):format(ends[i], ends[i + 1])
  end
  return bounds
end

-- A word that can be a part of a plain name.
function words.plain(word)
  return (word:lower():gsub("[^%w]+", "_"):gsub("^_+", ""):gsub("_+$", ""))
end

-- A name for the time until the swap, while another table has that one.
function words.aside(name)
  local cut = name:sub(1, LONGEST_NAME - 4)
  while not utf8.len(cut) do -- no half characters
    cut = cut:sub(1, -2)
  end
  return cut .. "_new"
end

-- A new partition { name, final, full_name, bound }. name is the one until the swap: another than final only while
-- an old partition has that one (taken).
function words.target(conn, source, name, bound_text, taken)
  if #name > LONGEST_NAME then
    words.usage(
      ("the name %s is longer than %d bytes"):format(name, LONGEST_NAME),
      "Give a shorter one."
    )
  end
  local now = taken and words.aside(name) or name
  local full_name = sql.name(conn, now, source.schema)
  if catalog.relation(conn, full_name) then
    fail.raise(
      "check",
      ("there is a relation %s already"):format(full_name),
      { hint = "Give another name." }
    )
  end
  return { name = now, final = name, full_name = full_name, bound = bound_text }
end

-- Raises when two names are the same.
function words.differ(names)
  local seen = {}
  for _, name in ipairs(names) do
    if seen[name] then
      words.usage(
        ("two new partitions would be called %s"):format(name),
        "--names gives other ones."
      )
    end
    seen[name] = true
  end
end

return words
