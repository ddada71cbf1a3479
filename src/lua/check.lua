-- What a scenario can expect of the database. check.NAME(arguments) makes a value with describe() and
-- run(ctx) -> ok, detail; strings in the arguments may hold ${param}.
local bound = require "partdemo.bound"
local catalog = require "partdemo.catalog"
local schema = require "partdemo.schema"
local text = require "partdemo.text"

local check = {}

local methods = {}
local meta = { __index = methods, __name = "partdemo.check" }

-- Arguments with the parameters of the run: ${name} in strings, function(params) called.
local function fill_in(value, params)
  if type(value) == "function" then
    return value(params)
  elseif type(value) == "table" then
    local copy = {}
    for key, item in pairs(value) do
      copy[key] = fill_in(item, params)
    end
    return copy
  elseif type(value) ~= "string" then
    return value
  end
  return (
    value:gsub("%${([%w_]+)}", function(name)
      local param = params[name]
      return param ~= nil and tostring(param) or nil
    end)
  )
end

check.fill_in = fill_in

-- What the check says in one line.
function methods:describe(params)
  return self.spec.describe(fill_in(self.args, params or {}))
end

-- Looks: ok and, when there is something to add, a detail.
function methods:run(ctx)
  return self.spec.run(ctx.conn, fill_in(self.args, ctx.params), ctx)
end

-- Remembers what the check compares with, before the first step.
function methods:prepare(ctx)
  if self.spec.prepare then
    self.spec.prepare(ctx.conn, fill_in(self.args, ctx.params), ctx)
  end
end

-- Whether the check speaks of what a run changed, and so cannot tell that there is nothing to do.
function methods:about_change()
  return self.spec.prepare ~= nil
end

-- Whether a value was made by one of the functions here.
function check.is(value)
  return getmetatable(value) == meta
end

-- A check, a list of checks or nil as a list.
function check.as_list(value)
  return check.is(value) and { value } or value or {}
end

-- spec: fields and required (besides [1], the relation's name), describe(a), run(conn, a, ctx) ->
-- ok, detail, and prepare(conn, a, ctx) for checks that compare with the state before.
local function define(name, spec)
  spec.fields = spec.fields or {}
  spec.fields["1"] = "string"
  check[name] = function(args)
    args = type(args) == "string" and { args } or args
    local mistakes = schema.mistakes(args, spec)
    if type(args) == "table" and args[1] == nil then
      mistakes[#mistakes + 1] = "the name of the relation is missing"
    end
    if #mistakes > 0 then
      error(("check.%s: %s"):format(name, table.concat(mistakes, "; ")), 2)
    end
    return setmetatable({ name = name, args = args, spec = spec }, meta)
  end
end

local names = { list = "string" }
local value = function(v, path, report)
  if type(v) ~= "string" and type(v) ~= "number" and type(v) ~= "function" then
    report(path, "expected a string, a number or a function(params), got " .. type(v))
  end
end

-- check.table "t" or { "t", columns = { "id", ... } }: there is such a table, with these columns.
define("table", {
  fields = { columns = names },
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
})

-- check.absent "t": there is no relation of that name.
define("absent", {
  describe = function(a)
    return a[1] .. " does not exist"
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    return not found, found and "it exists"
  end,
})

-- check.partitioned { "t", by = "range", key = "created_at", leaves = 4 }
define("partitioned", {
  fields = { by = "string", key = "string", leaves = "integer" },
  describe = function(a)
    local by = a.by and (" by %s"):format(a.by) or ""
    local key = a.key and (" (%s)"):format(a.key) or ""
    local leaves = a.leaves and " into " .. text.count(a.leaves, "leaf", "leaves") or ""
    return ("%s is partitioned%s%s%s"):format(a[1], by, key, leaves)
  end,
  run = function(conn, a)
    local tree = catalog.relation(conn, a[1])
    if not tree or tree.kind ~= "p" then
      return false, tree and "it is not partitioned" or "there is no such table"
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
})

-- check.partition { "p", of = "t", from = , to = } or values = { }, or modulus = , remainder = , or
-- default = true. Values are compared as values of the key's type.
define("partition", {
  fields = {
    of = "string",
    from = value,
    to = value,
    values = { list = value },
    modulus = "integer",
    remainder = "integer",
    default = "boolean",
  },
  required = { "of" },
  describe = function(a)
    return ("%s is a partition of %s %s"):format(a[1], a.of, bound.describe(a))
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
    if not bound.same(conn, found, a) then
      return false, "its bound is " .. found.bound
    end
    return true
  end,
})

-- check.tiled "t": the partitions leave no gap, at any level.
define("tiled", {
  describe = function(a)
    return ("%s has no gap between its partitions"):format(a[1])
  end,
  run = function(conn, a)
    local found = catalog.relation(conn, a[1])
    if not found or found.kind ~= "p" then
      return false, found and "it is not partitioned" or "there is no such table"
    end
    local gaps = catalog.query(conn, "gaps", a[1])
    return #gaps == 0, gaps[1] and gaps[1].gap
  end,
})

-- check.indexed "t": every partition has every index of its parent, all valid.
define("indexed", {
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
})

-- check.rows { "t", at_least = 100 } or exactly =
define("rows", {
  fields = { at_least = value, exactly = value },
  describe = function(a)
    local limit = a.exactly and "exactly " .. a.exactly or "at least " .. (a.at_least or 1)
    return ("%s has %s rows"):format(a[1], limit)
  end,
  run = function(conn, a)
    local n = catalog.rows(conn, a[1])
    if not n then
      return false, "there is no such table"
    end
    local low = tonumber(a.exactly or a.at_least or 1)
    return n >= low and (not a.exactly or n == low), "it has " .. text.count(n, "row")
  end,
})

-- Why a relation's rows cannot be compared, or nil.
local function no_rows(conn, name)
  return not catalog.relation(conn, name) and "there is no " .. name or nil
end

-- check.same_rows { "a", "b" }: equal count and content, whatever the order and the partitions.
define("same_rows", {
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
})

-- check.unchanged "t": count and content are what they were before the first step.
define("unchanged", {
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
})

-- check.sequence_ahead { "t", column = "id" }: the column's sequence gives values that no row has.
define("sequence_ahead", {
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
})

return check
