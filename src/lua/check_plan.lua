-- What a check can say of a plan: the leaves that a statement scans.
local catalog = require "partdemo.catalog"
local files = require "partdemo.files"
local sqlfile = require "partdemo.sqlfile"
local text = require "partdemo.text"

local kinds = {}

local function names_or_count(v, path, report)
  if math.type(v) == "integer" then
    return
  elseif type(v) ~= "table" then
    return report(path, "expected a list of leaves or a count, got " .. (math.type(v) or type(v)))
  end
  for i, name in ipairs(v) do
    if type(name) ~= "string" then
      report(("%s[%d]"):format(path, i), "expected a string, got " .. type(name))
    end
  end
end

-- The statement of the file, or nil and why not.
local function statement_of(ctx, name)
  local path = files.sql(ctx.root, ctx.scenario.directory, name)
  if not path then
    return nil, ("there is no SQL file %s"):format(name)
  end
  local vars = {}
  for key, value in pairs(ctx.params) do
    vars[key] = tostring(value)
  end
  local parsed, e = sqlfile.read(path, vars)
  if not parsed then
    return nil, e.message
  elseif #parsed ~= 1 then
    return nil, ("%s holds %s, not one"):format(path, text.count(#parsed, "statement"))
  end
  return parsed:statement(1).sql
end

-- Names as the server writes them, sorted; nil and why when one is no relation.
local function as_written(conn, names)
  local written = {}
  for i, name in ipairs(names) do
    if not catalog.relation(conn, name) then
      return nil, ("there is no %s"):format(name)
    end
    written[i] = catalog.quoted(conn, name)
  end
  table.sort(written)
  return table.concat(written, ", ")
end

-- What is wrong with one occurrence of the table in the statement, or nil.
local function mistake(conn, found, expected)
  local scanned = table.move(found.scanned, 1, #found.scanned, 1, {})
  table.sort(scanned)
  local names = table.concat(scanned, ", ")
  local ok, why
  if expected == nil then
    ok = #scanned < found.leaves
  elseif type(expected) == "table" then
    local wanted
    wanted, why = as_written(conn, expected)
    ok = wanted == names
  else
    ok = #scanned == expected
  end
  local saw = ("%d of %s scanned%s"):format(
    #scanned,
    text.count(found.leaves, "leaf", "leaves"),
    #scanned > 0 and #scanned <= 10 and ": " .. names or ""
  )
  return not ok and (why or saw) or nil, saw
end

-- check.pruned { sql = "SELECT ...", table = "t", scanned = { "t_1" } }, or query = FILE, or scanned = 1
kinds.pruned = {
  names = false,
  fields = {
    sql = "string",
    query = "string",
    table = "string",
    alias = "string",
    scanned = names_or_count,
  },
  required = { "table" },
  conflict = function(a)
    if (a.sql == nil) == (a.query == nil) then
      return "expected one of sql, query, got " .. (a.sql and "both" or "none")
    end
  end,
  describe = function(a)
    local what = a.query or a.sql and text.cut(a.sql:gsub("%s+", " "), 60)
    local scans = "leaves out leaves"
    if type(a.scanned) == "table" then
      scans = #a.scanned == 0 and "scans no leaf" or "scans only " .. table.concat(a.scanned, ", ")
    elseif a.scanned then
      scans = "scans " .. text.count(a.scanned, "leaf", "leaves")
    end
    return ("%s %s of %s"):format(what, scans, a.table)
  end,
  run = function(conn, a, ctx)
    if not catalog.relation(conn, a.table) then
      return false, "there is no such table"
    end
    local sql, why = a.sql, nil
    if a.query then
      sql, why = statement_of(ctx, a.query)
    end
    if not sql then
      return false, why
    end
    local name, saw = catalog.quoted(conn, a.table), nil
    for _, found in ipairs(require("partdemo.explain").run(conn, sql, {}).tables) do
      if found.table == name and (not a.alias or found.alias == a.alias) then
        local wrong
        wrong, saw = mistake(conn, found, a.scanned)
        if wrong then
          return false, wrong
        end
      end
    end
    return saw ~= nil, saw or "the statement does not read it"
  end,
}

return { kinds = kinds }
