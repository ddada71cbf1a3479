-- Names on the command line, as psql reads them: "odd.name", "a""b", schema.name, and Feb for feb. A word that is none,
-- such as one with a blank, is taken as it is.
local catalog = require "partdemo.catalog"
local words = require "partdemo.online_words"

local names = {}

-- The name and, if it has one, the schema of a relation.
function names.read(text)
  local parts = words.scan(text, ".", '"')
  for i, part in ipairs(parts or {}) do
    local plain = part:match "^[%a_\128-\255][%w_$\128-\255]*$"
    parts[i] = plain and plain:lower() or words.unquoted(part, '"')
    if not parts[i] then
      return text
    end
  end
  if not parts or #parts > 2 then
    return text
  end
  return parts[#parts], parts[#parts - 1]
end

-- The partition of that name (src/sql/online_source.sql), or nil.
function names.partition(conn, table_name, text)
  local name, schema = names.read(text)
  return catalog.first(conn, "online_source", table_name, text, name, schema)
end

-- The table as a whole, in the same words, or nil.
function names.table(conn, table_name)
  return catalog.first(conn, "online_source", table_name, nil, nil, nil)
end

-- The words of a list of names, still as they were typed.
function names.list(list)
  return words.split(list, ",", '"')
end

-- The name of a new partition, which is in the schema of the table. option: where it was given.
function names.new(text, option)
  local name, schema = names.read(text)
  if schema then
    words.usage(
      ("--%s: %s has a schema, but new partitions are in that of the table"):format(option, text),
      'A dot in a name itself is in double quotes: "odd.name".'
    )
  end
  return name
end

-- The same of a list.
function names.all_new(list, option)
  local found = {}
  for i, word in ipairs(names.list(list)) do
    found[i] = names.new(word, option)
  end
  return found
end

return names
