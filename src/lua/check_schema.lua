-- What a run remembers under a name, and whether it is still so: schemas, and the rows that a load added.
local catalog = require "partdemo.catalog"
local json = require "partdemo.json"
local text = require "partdemo.text"

local kinds = {}

local SHOWN = 6 -- lines of a difference

local function lines_of(conn, tables)
  return catalog.query(conn, "schema_lines", tables and json.encode(tables))
end

-- Appends the lines of one list that the other has not, with a sign before them.
local function add_missing(found, of, from, sign)
  local there = {}
  for _, row in ipairs(from) do
    there[row.line] = true
  end
  for _, row in ipairs(of) do
    if not there[row.line] then
      found[#found + 1] = { place = row.place, sign = sign, line = sign .. " " .. row.line }
    end
  end
end

-- The first differing lines, "-" before and "+" now; nil when there is none.
local function difference(before, now)
  local found = {}
  add_missing(found, before, now, "-")
  add_missing(found, now, before, "+")
  table.sort(found, function(a, b)
    if a.place == b.place then
      return a.sign == "-" and b.sign == "+"
    end
    return a.place < b.place
  end)
  return found[1] and text.few(found, "line", SHOWN, "\n")
end

-- check.remember { "start", tables = { "t" }, rows = { "t" } }: notes how it is now, for the checks below. It
-- always holds. tables: whose schema, with all partitions, everything in search_path when absent; rows: the
-- tables to count.
kinds.remember = {
  names = "what is remembered",
  about_change = true,
  fields = { tables = { list = "string" }, rows = { list = "string" } },
  describe = function(a)
    local of = a.tables and " of " .. table.concat(a.tables, ", ") or ""
    local rows = a.rows and ", and the rows of " .. table.concat(a.rows, ", ") or ""
    return ("noted as '%s': the schema%s%s"):format(a[1], of, rows)
  end,
  run = function(conn, a, ctx)
    local noted = { tables = a.tables, lines = lines_of(conn, a.tables), rows = {}, loaded = {} }
    for _, name in ipairs(a.rows or {}) do
      noted.rows[name] = catalog.rows(conn, name)
      noted.loaded[name] = ctx.memory.loaded[name] or 0
    end
    noted.unknown = ctx.memory.unknown
    ctx.memory.noted[a[1]] = noted
    return true
  end,
}

local function noted_as(ctx, name)
  local noted = ctx.memory.noted[name]
  return noted, not noted and ("nothing was remembered as '%s'"):format(name)
end

-- check.schema_equals "start": the schema is what check.remember "start" noted.
kinds.schema_equals = {
  names = "what was remembered",
  about_change = true,
  describe = function(a)
    return ("the schema is that of '%s'"):format(a[1])
  end,
  run = function(conn, a, ctx)
    local noted, why = noted_as(ctx, a[1])
    if not noted then
      return false, why
    end
    local differs = difference(noted.lines, lines_of(conn, noted.tables))
    return not differs, differs and "- then, + now\n" .. differs
  end,
}

-- check.loaded { "t", since = "start" }: t has the rows that it had then and those that loads since then
-- inserted and the server acknowledged. An insert whose answer was lost may be there or not.
kinds.loaded = {
  about_change = true,
  fields = { since = "string" },
  required = { "since" },
  describe = function(a)
    return ("%s has the rows of '%s' and those that were loaded since"):format(a[1], a.since)
  end,
  run = function(conn, a, ctx)
    local noted, why = noted_as(ctx, a.since)
    local then_ = noted and noted.rows[a[1]]
    local now = catalog.rows(conn, a[1])
    if not then_ or not now then
      return false, why or not now and "there is no such table" or "its rows were not counted then"
    end
    local loaded = (ctx.memory.loaded[a[1]] or 0) - noted.loaded[a[1]]
    local unknown = ctx.memory.unknown - noted.unknown
    local unsure = unknown > 0 and (", %s without an answer"):format(text.number(unknown)) or ""
    return now >= then_ + loaded and now <= then_ + loaded + unknown,
      ("%s then, %s loaded%s, %s now"):format(
        text.count(then_, "row"),
        text.number(loaded),
        unsure,
        text.number(now)
      )
  end,
}

return { kinds = kinds }
