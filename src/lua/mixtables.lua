-- The tables of a mix: which they are, and the same mix on others.
local fail = require "partdemo.fail"
local sqltext = require "partdemo.sqltext"
local text = require "partdemo.text"

local mixtables = {}

-- The tables that a mix names or writes to, each once.
function mixtables.of(value)
  local names, seen = {}, {}
  local function add(name)
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  for _, name in ipairs(value.tables or {}) do
    add(name)
  end
  for _, each in ipairs(value) do
    add(each.insert or each.ledger and each.ledger.table)
  end
  return names
end

local function check_names(path, value, names)
  local known = {}
  for _, name in ipairs(mixtables.of(value)) do
    known[name] = true
  end
  for _, name in ipairs(text.keys(names)) do
    if not known[name] then
      local message = "%s: the mix has no table '%s'%s"
      local hint = text.did_you_mean(name, text.keys(known))
      fail.raise("usage", message:format(path, name, hint))
    end
  end
  if value.reconcile and next(names) then
    fail.raise("usage", path .. ": the mix looks after its own tables, it cannot use others")
  end
end

local function entry_on(path, each, names)
  local copy = {}
  for key, item in pairs(each) do
    copy[key] = item
  end
  if each.run then
    local message = "%s: entry '%s' is a Lua function, it cannot use other tables"
    fail.raise("usage", message:format(path, each.name))
  elseif each.insert then
    copy.insert = names[each.insert] or each.insert
  else
    local split <close> = sqltext.split(each.sql, nil, names)
    -- What is not one statement is refused when it is tried.
    copy.sql = split and #split == 1 and split:statement(1).sql or each.sql
  end
  if each.ledger then
    local of = each.ledger
    copy.ledger = { table = names[of.table] or of.table, key = of.key, columns = of.columns }
  end
  return copy
end

-- The entries and tables of a mix that uses other tables: names has those by the ones that its file has. Raises a
-- usage failure when it cannot.
function mixtables.renamed(path, value, names)
  check_names(path, value, names)
  if not next(names) then
    return value
  end
  local result = { tables = {} }
  for i, name in ipairs(value.tables or {}) do
    result.tables[i] = names[name] or name
  end
  for i, each in ipairs(value) do
    result[i] = entry_on(path, each, names)
  end
  return result
end

return mixtables
