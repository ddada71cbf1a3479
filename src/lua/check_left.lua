-- Whether a change left something behind. What is looked for is in src/sql/left_overs.sql.
local catalog = require "partdemo.catalog"
local run = require "partdemo.online_run"
local text = require "partdemo.text"

local kinds = {}

-- check.nothing_left "t": no change of t or of its partitions was left half done.
kinds.nothing_left = {
  describe = function(a)
    return ("nothing is left over of a change of %s"):format(a[1])
  end,
  run = function(conn, a)
    if not catalog.relation(conn, a[1]) then
      return false, "there is no such table"
    end
    local found = catalog.query(conn, "invalid_constraints", a[1])
    local mine, others = run.all(conn, { a[1] })
    for _, row in ipairs(catalog.query(conn, "left_overs", a[1])) do
      -- The schema is nothing of this table's while runs on other tables need it.
      if not row.is_schema or #mine > 0 or #others == 0 then
        found[#found + 1] = row
      end
    end
    return #found == 0, found[1] and text.few(found, "left_over")
  end,
}

-- check.no_run { tables = { "t" } }: no online change of t or of a partition of it was left half done. Such changes of
-- other tables are named.
kinds.no_run = {
  names = false,
  fields = { tables = { list = "string" } },
  required = { "tables" },
  describe = function(a)
    return ("no online change of %s is left half done"):format(table.concat(a.tables, ", "))
  end,
  run = function(conn, a, ctx)
    local mine, others = run.all(conn, a.tables)
    require("partdemo.online_left").name_others(ctx, others)
    local first = mine[1]
    return not first,
      first and ("%s of %s is at the phase '%s'"):format(first.operation, first.parent, first.phase)
  end,
}

-- check.nothing_own "p": the partition has nothing that a new one in its place would lack. Holds without a "p".
-- privileges_of: the table whose privileges the new one will have; only where they differ do they count. but_runs:
-- triggers of online changes do not count, because they are ended first.
kinds.nothing_own = {
  fields = { privileges_of = "string", but_runs = "boolean" },
  describe = function(a)
    return ("%s has nothing of its own that would be lost with it"):format(a[1])
  end,
  run = function(conn, a)
    local found = catalog.query(conn, "own_objects", a[1], a.privileges_of, a.but_runs == true)
    return #found == 0, found[1] and "it has " .. text.few(found, "own", 10)
  end,
}

return { kinds = kinds }
