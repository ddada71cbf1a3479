-- Whether a change left something behind. What is looked for is in src/sql/left_overs.sql.
local catalog = require "partdemo.catalog"
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
    for _, row in ipairs(catalog.query(conn, "left_overs", a[1])) do
      found[#found + 1] = row
    end
    return #found == 0, found[1] and text.few(found, "left_over")
  end,
}

-- check.nothing_own "p": the partition has nothing that a new one in its place would lack. Holds without a "p".
-- privileges_of: the table whose privileges the new one will have; only where they differ do they count.
kinds.nothing_own = {
  fields = { privileges_of = "string" },
  describe = function(a)
    return ("%s has nothing of its own that would be lost with it"):format(a[1])
  end,
  run = function(conn, a)
    local found = catalog.query(conn, "own_objects", a[1], a.privileges_of)
    return #found == 0, found[1] and "it has " .. text.few(found, "own", 10)
  end,
}

return { kinds = kinds }
