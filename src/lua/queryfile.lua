-- A file of named queries. A comment line "name: NAME" begins a query; its statements go on to the next name. The
-- last one that EXPLAIN takes is the query itself, what comes before prepares it, what comes after clears up.
local sqlfile = require "partdemo.sqlfile"
local text = require "partdemo.text"

local queryfile = {}

-- First words of what EXPLAIN can run.
local explained = {
  SELECT = true,
  WITH = true,
  VALUES = true,
  TABLE = true,
  EXECUTE = true,
  INSERT = true,
  UPDATE = true,
  DELETE = true,
  MERGE = true,
}

-- The name in a statement's comment, and the other lines.
local function split_comment(comment)
  local name, lines = nil, {}
  for line in ((comment or "") .. "\n"):gmatch "(.-)\n" do
    local found = not name and line:match "^%s*name:%s*(.-)%s*$"
    if found then
      name = found
    else
      lines[#lines + 1] = line
    end
  end
  return name, table.concat(lines, "\n")
end

-- The queries of split text: a list of { name, comment, line, first, query, last }, the latter three being
-- numbers of statements, with `parsed` and `path`; or nil and what is wrong.
local function queries_of(parsed, path)
  local list, by_name = { parsed = parsed, path = path }, {}
  local function wrong(line, message)
    return nil, { kind = "input", message = message, file = path, line = line }
  end
  for i = 1, #parsed do
    local statement = parsed:statement(i)
    local name, comment = split_comment(statement.comment)
    if name and not name:find "^[%a_][%w_]*$" then
      return wrong(
        statement.line,
        ("'%s' is no name: a letter, then letters, digits and _"):format(name)
      )
    elseif name and by_name[name] then
      return wrong(statement.line, ("there is another query '%s'"):format(name))
    elseif name then
      by_name[name] = true
      list[#list + 1] = { name = name, comment = comment, line = statement.line, first = i }
    elseif #list == 0 then
      return wrong(statement.line, "the first statement has no '-- name: NAME' above it")
    end
    local query = list[#list]
    query.last = i
    query.query = explained[statement.verb] and i or query.query
  end
  for _, query in ipairs(list) do
    if not query.query then
      return wrong(query.line, ("'%s' has no statement that EXPLAIN takes"):format(query.name))
    end
  end
  return list
end

-- Reads a file with psql variables and, if given, other names for identifiers.
function queryfile.read(path, vars, names)
  local parsed, e = sqlfile.read(path, vars, names)
  if not parsed then
    return nil, e
  end
  return queries_of(parsed, path)
end

-- The names, in order.
function queryfile.names(list)
  local names = {}
  for i, query in ipairs(list) do
    names[i] = query.name
  end
  return names
end

---------------------------------------------------------------------------------------------------
-- What a scenario may say about such a file: descriptions for partdemo.schema.

-- What a query is expected to read: a count of leaves, or a function(tree) that gives it or the names.
local function leaves_expected(value, path, report)
  local kind = math.type(value) or type(value)
  if kind ~= "function" and (kind ~= "integer" or value < 0) then
    report(path, "expected a count of leaves or a function(tree), got " .. kind)
  end
end

-- Of each query, by its name: the leaves of its only table, those of each table by name, or an SQLSTATE.
function queryfile.expectations(value, path, report)
  if type(value) ~= "table" then
    return report(path, "expected a table, got " .. (math.type(value) or type(value)))
  end
  for _, name in ipairs(text.keys(value)) do
    local want, at = value[name], ("%s.%s"):format(path, name)
    if type(want) == "string" and not want:find "^[%u%d][%u%d][%u%d][%u%d][%u%d]$" then
      report(at, ("'%s' is no SQLSTATE such as '23514'"):format(want))
    elseif type(want) == "table" then
      for _, of in ipairs(text.keys(want)) do
        leaves_expected(want[of], ("%s.%s"):format(at, of), report)
      end
    elseif type(want) ~= "string" then
      leaves_expected(want, at, report)
    end
  end
end

-- Names of tables by the names that stand in the file.
function queryfile.other_names(value, path, report)
  if type(value) ~= "table" then
    return report(path, "expected a table, got " .. (math.type(value) or type(value)))
  end
  for name, other in pairs(value) do
    if type(name) ~= "string" or type(other) ~= "string" then
      report(path, 'expected name = "other name"')
    end
  end
end

-- Expectations are of queries that are in the file.
function queryfile.check_expected(step, list, at, report)
  local names = queryfile.names(list)
  for _, name in ipairs(text.keys(step.expect or {})) do
    local known = false
    for _, each in ipairs(names) do
      known = known or each == name
    end
    if not known then
      local message = "%s.expect: there is no query '%s' in %s%s"
      report(message:format(at, name, list.path, text.did_you_mean(name, names)))
    end
  end
end

return queryfile
