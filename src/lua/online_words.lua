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

-- What a word can follow that is in such quotes.
local before = { ["'"] = "[,;]", ['"'] = "[,.;]" }

-- The words between separators that are not in quotes, blanks around them removed; nil when a quote is not closed. A
-- quote opens where a word begins, so it's is a word; a doubled one closes and opens again.
function words.scan(list, separator, quote)
  local found, begun, inside, opens = {}, 1, false, true
  for at = 1, #list do
    local c = list:sub(at, at)
    if inside then
      inside, opens = c ~= quote, true
    elseif c == quote and opens then
      inside = true
    else
      opens = c:find(before[quote]) ~= nil or opens and c:find "%s" ~= nil
      if c == separator then
        found[#found + 1], begun = list:sub(begun, at - 1):match "^%s*(.-)%s*$", at + 1
      end
    end
  end
  found[#found + 1] = list:sub(begun):match "^%s*(.-)%s*$"
  return not inside and found or nil
end

-- The same without empty words. Raises when a quote is not closed.
function words.split(list, separator, quote)
  local found = {}
  for _, word in ipairs(words.scan(list, separator, quote) or {}) do
    found[#found + 1] = word ~= "" and word or nil
  end
  if not words.scan(list, separator, quote) then
    words.usage(("a quote is not closed: %s"):format(list))
  end
  return found
end

-- What is in the quotes; nil when it is not one quoted word.
function words.unquoted(word, quote)
  local inner = word:match(("^%s(.*)%s$"):format(quote, quote))
  local single = inner and inner:gsub(quote .. quote, "")
  return inner and not single:find(quote, 1, true) and inner:gsub(quote .. quote, quote) or nil
end

local keywords = { MINVALUE = true, MAXVALUE = true, NULL = true }

-- The values of a list: texts, and { keyword } for MINVALUE, MAXVALUE and NULL. 'a,b' in quotes is one text.
function words.values(list)
  local found = {}
  for i, word in ipairs(words.split(list, ",", "'")) do
    local upper = word:upper()
    if word:find "^'" then
      found[i] = words.unquoted(word, "'")
        or words.usage(
          ("%s is not one value"):format(word),
          "A quoted value is followed by a comma or a semicolon; a quote in it is doubled, as in 'it''s'."
        )
    else
      found[i] = keywords[upper] and { keyword = upper } or word
    end
  end
  return found
end

-- The values of each group; groups are separated by semicolons.
function words.groups(list)
  local found = {}
  for i, group in ipairs(words.split(list, ";", "'")) do
    found[i] = words.values(group)
  end
  return found
end

-- A value as text.
function words.text(value)
  return type(value) == "table" and value.keyword or value
end

local function literal(conn, value)
  return type(value) == "table" and value.keyword or conn:literal(value)
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
  local found, groups = {}, {}
  if key_columns > 1 then
    groups = words.groups(at)
  else
    for i, value in ipairs(words.values(at)) do
      groups[i] = { value }
    end
  end
  for i, values in ipairs(groups) do
    local texts = {}
    for j, value in ipairs(values) do
      texts[j] = words.text(value)
    end
    local word = table.concat(texts, ",")
    if #values > key_columns then
      local message = "--%s: %s has more values than the key has columns (%d)"
      words.usage(message:format(option or "at", word, key_columns))
    end
    for j = #values + 1, key_columns do
      values[j] = { keyword = "MINVALUE" }
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

-- A value as a part of a plain name.
function words.plain(value)
  return (words.text(value):lower():gsub("[^%w]+", "_"):gsub("^_+", ""):gsub("_+$", ""))
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

-- Classes of errors that say something about the words: data, integrity, syntax and names, what is not supported.
local about_words = { ["22"] = true, ["23"] = true, ["42"] = true, ["0A"] = true }

-- What f gives; what the server says against it is a mistake in the words of the option. trial: what the names of
-- tables begin with that the words do not name.
function words.judge(given, trial, f, ...)
  local result = table.pack(fail.call(f, ...))
  local e = result[2]
  if result[1] then
    return table.unpack(result, 2, result.n)
  elseif
    type(e) == "table"
    and about_words[(e.sqlstate or ""):sub(1, 2)]
    and e.sqlstate ~= "42501" -- a privilege
  then
    local own = trial ~= "" and ('"?(%s_[%%d_]+)"?'):format(trial) or "^$"
    local message = e.message:gsub(own, function(name)
      return name:match "%d+$"
    end)
    words.usage(("%s: %s"):format(given, message), e.detail or e.hint)
  end
  error(e, 0)
end

-- A word as a shell reads it.
function words.shell(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
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
