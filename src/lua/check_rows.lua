-- What a check can say of the rows: how many there are, and whether they are the same as others.
local catalog = require "partdemo.catalog"
local schema = require "partdemo.schema"
local text = require "partdemo.text"

local kinds = {}

-- check.rows { "t", at_least = 100 } or exactly =
kinds.rows = {
  fields = { at_least = schema.value, exactly = schema.value },
  conflict = function(a)
    return a.at_least and a.exactly and "expected one of at_least, exactly, got both" or nil
  end,
  describe = function(a)
    local n = tostring(a.exactly or a.at_least or 1)
    local limit = a.exactly and "exactly" or "at least"
    return ("%s has %s %s %s"):format(a[1], limit, n, n == "1" and "row" or "rows")
  end,
  run = function(conn, a)
    local n = catalog.rows(conn, a[1])
    if not n then
      return false, "there is no such table"
    end
    local low = tonumber(a.exactly or a.at_least or 1)
    return n >= low and (not a.exactly or n == low), "it has " .. text.count(n, "row")
  end,
}

-- check.empty "t": there is no row. It looks no further than the first one.
kinds.empty = {
  describe = function(a)
    return a[1] .. " is empty"
  end,
  run = function(conn, a)
    if not catalog.relation(conn, a[1]) then
      return false, "there is no such table"
    end
    local sql = "SELECT EXISTS (SELECT FROM %s) AS any"
    local any = conn:exec(sql:format(catalog.quoted(conn, a[1])))[1].any
    return not any, any and "it has rows"
  end,
}

-- Why a relation's rows cannot be compared, or nil.
local function no_rows(conn, name)
  return not catalog.relation(conn, name) and "there is no " .. name or nil
end

-- check.same_rows { "a", "b" }: equal count and content, whatever the order and the partitions.
kinds.same_rows = {
  fields = { ["2"] = "string" },
  required = { 2 },
  describe = function(a)
    return ("%s and %s have the same rows"):format(a[1], a[2])
  end,
  run = function(conn, a)
    local missing = no_rows(conn, a[1]) or no_rows(conn, a[2])
    if missing then
      return false, missing
    end
    local one, columns = catalog.content(conn, a[1])
    local two = catalog.content(conn, a[2], columns)
    if one.rows ~= two.rows then
      return false, ("%s and %s"):format(text.count(one.rows, "row"), text.number(two.rows))
    end
    return one.hash == two.hash,
      one.hash == two.hash and text.count(one.rows, "row")
        or "the counts are equal, the contents differ"
  end,
}

-- check.unchanged "t": count and content are what they were before the first step.
kinds.unchanged = {
  describe = function(a)
    return a[1] .. " has the rows that it had before"
  end,
  prepare = function(conn, a, ctx)
    local missing = no_rows(conn, a[1])
    ctx.remembered["unchanged " .. a[1]] = missing and { missing = missing }
      or catalog.content(conn, a[1])
  end,
  run = function(conn, a, ctx)
    local before = ctx.remembered["unchanged " .. a[1]]
    if not before then
      return false, "nothing was remembered before the first step"
    end
    local missing = before.missing and before.missing .. " before" or no_rows(conn, a[1])
    if missing then
      return false, missing
    end
    local now = catalog.content(conn, a[1])
    if before.rows ~= now.rows then
      return false,
        ("%s before, %s now"):format(text.count(before.rows, "row"), text.number(now.rows))
    end
    return before.hash == now.hash,
      before.hash == now.hash and text.count(now.rows, "row")
        or "the counts are equal, the contents differ"
  end,
}

return { kinds = kinds }
