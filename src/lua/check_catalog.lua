-- What a check can say of the catalog: tables, partitions, bounds, indexes, constraints, sequences. Each kind as
-- check.lua's define() takes it.
local bounds = require "partdemo.bounds"
local catalog = require "partdemo.catalog"
local schema = require "partdemo.schema"
local text = require "partdemo.text"

local kinds = {}

-- check.table "t" or { "t", columns = { "id", ... } }: there is such a table, with these columns.
kinds.table = {
  fields = { columns = { list = "string" } },
  describe = function(a)
    return a[1] .. " exists"
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    if not found or (found.kind ~= "r" and found.kind ~= "p") then
      return false, found and "it is not a table" or "there is no such table"
    end
    local expected = a.columns and table.concat(a.columns, ",")
    if expected and found.columns ~= expected then
      return false, ("its columns are %s, not %s"):format(found.columns, expected)
    end
    return true
  end,
}

-- check.absent "t": there is no relation of that name.
kinds.absent = {
  describe = function(a)
    return a[1] .. " does not exist"
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    return not found, found and "it exists"
  end,
}

-- Why a relation is none that can have partitions. Which one it is may depend on the search path.
local function no_partitioned_table(found)
  return found and ("it is not partitioned: %s is %s"):format(found.full_name, found.what)
    or "there is no such table"
end

local strategies = { "range", "list", "hash" }

-- One of them, or a text such as "${by}" that becomes one.
local function strategy(value, path, report)
  if type(value) == "string" and value:find "%${" then
    return
  end
  for _, name in ipairs(strategies) do
    if name == value then
      return
    end
  end
  local hint = type(value) == "string" and text.did_you_mean(value, strategies) or ""
  report(path, ("expected one of %s%s"):format(table.concat(strategies, ", "), hint))
end

-- check.partitioned { "t", by = "range", key = "created_at", leaves = 4 }
kinds.partitioned = {
  fields = { by = strategy, key = "string", leaves = "integer" },
  describe = function(a)
    local by = a.by and (" by %s"):format(a.by) or ""
    local key = a.key and (" (%s)"):format(a.key) or ""
    local leaves = a.leaves and " into " .. text.count(a.leaves, "leaf", "leaves") or ""
    return ("%s is partitioned%s%s%s"):format(a[1], by, key, leaves)
  end,
  run = function(conn, a)
    local tree = catalog.relation(conn, a[1])
    if not tree or tree.kind ~= "p" then
      return false, no_partitioned_table(tree)
    end
    local key = tree.key:match "^%u+ %((.*)%)$"
    if a.by and tree.strategy ~= a.by then
      return false, ("it is partitioned by %s"):format(tree.strategy)
    elseif a.key and key ~= a.key then
      return false, ("its key is (%s)"):format(key)
    end
    local leaves = a.leaves and catalog.first(conn, "leaf_count", a[1]).leaves
    if leaves ~= a.leaves then
      return false, "it has " .. text.count(leaves, "leaf", "leaves")
    end
    return true
  end,
}

-- check.partition { "p", of = "t", from = , to = } or values = { }, or modulus = , remainder = , or
-- default = true. Values are compared as values of the key's type.
kinds.partition = {
  fields = {
    of = "string",
    from = schema.value,
    to = schema.value,
    values = { list = schema.value },
    modulus = "integer",
    remainder = "integer",
    default = "boolean",
  },
  required = { "of" },
  conflict = function(a)
    local given = {}
    given[#given + 1] = (a.from or a.to) and "from"
    given[#given + 1] = a.values and "values"
    given[#given + 1] = a.modulus and "modulus"
    given[#given + 1] = a.default and "default"
    if #given > 1 then
      local message = "expected one of from and to, values, modulus, default, got %s"
      return message:format(table.concat(given, ", "))
    elseif a.remainder and not a.modulus then
      return "a remainder goes with a modulus"
    end
    return a.default == false and "default is true or left out" or nil
  end,
  describe = function(a)
    return ("%s is a partition of %s %s"):format(a[1], a.of, bounds.describe(a))
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    if not found or not found.parent then
      return false, found and "it is not a partition" or "there is no such table"
    end
    local of = catalog.relation(conn, a.of)
    local parent = catalog.relation(conn, found.parent)
    if not of or of.oid ~= parent.oid then
      return false, "it is a partition of " .. found.parent
    end
    if not bounds.same(conn, parent, found, a) then
      return false, "its bound is " .. found.bound
    end
    return true
  end,
}

-- check.tiled "t": the partitions leave no gap, at any level.
kinds.tiled = {
  describe = function(a)
    return ("%s has no gap between its partitions"):format(a[1])
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    if not found or found.kind ~= "p" then
      return false, no_partitioned_table(found)
    end
    local gaps = bounds.gaps(conn, a[1])
    return #gaps == 0, gaps[1]
  end,
}

-- check.indexed "t": every partition has every index of its parent, all valid.
kinds.indexed = {
  describe = function(a)
    return ("%s: every leaf has every index, all valid"):format(a[1])
  end,
  run = function(conn, a)
    if not catalog.relation(conn, a[1]) then
      return false, "there is no such table"
    end
    local missing = catalog.query(conn, "missing_indexes", a[1])
    return #missing == 0, missing[1] and missing[1].missing
  end,
}

-- check.sequence_ahead { "t", column = "id" }: the column's sequence gives values that no row has.
kinds.sequence_ahead = {
  fields = { column = "string" },
  required = { "column" },
  describe = function(a)
    return ("the next %s of %s is free"):format(a.column, a[1])
  end,
  run = function(conn, a)
    local sequence = catalog.first(conn, "sequence_position", a[1], a.column)
    if not sequence then
      return false, "the column has no sequence"
    end
    local sql = "SELECT max(%s) AS top FROM %s"
    local top = conn:exec(sql:format(conn:ident(a.column), catalog.quoted(conn, a[1])))[1].top or 0
    return sequence.next > top,
      ("%s gives %s next, the highest is %s"):format(
        sequence.sequence,
        text.number(sequence.next),
        text.number(top)
      )
  end,
}

-- check.constraint_valid "t": no constraint in the tree of t is NOT VALID; or { "t", constraint = "c" }: the
-- table has this constraint, and it holds for every row.
kinds.constraint_valid = {
  fields = { constraint = "string" },
  describe = function(a)
    return a.constraint and ("the constraint %s of %s is valid"):format(a.constraint, a[1])
      or ("%s: every constraint is valid"):format(a[1])
  end,
  run = function(conn, a)
    if not catalog.relation(conn, a[1]) then
      return false, "there is no such table"
    end
    if a.constraint then
      local found = catalog.first(conn, "constraint_state", a[1], a.constraint)
      return found ~= nil and found.state == "valid",
        found and found.state ~= "valid" and "it is " .. found.state
          or not found and "there is none"
    end
    local invalid = catalog.query(conn, "invalid_constraints", a[1])
    return #invalid == 0, invalid[1] and text.few(invalid, "left_over")
  end,
}

return { kinds = kinds }
