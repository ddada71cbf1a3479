-- Bounds from Lua: what a set tells, and what it refuses.
local bound = require "partdemo.bound"
local _, without_memory = ...

-- What an error leaves to the collector stays when Lua has no memory to call its finalizer.
local function raises(part, f, ...)
  if without_memory then
    return
  end
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(part, 1, true), message)
end

local function joined(list)
  return table.concat(list, ",")
end

local set <close> = assert(bound.set {
  "DEFAULT",
  "FOR VALUES FROM ('b', 1) TO ('c', MAXVALUE)",
  "FOR VALUES FROM ('a', MINVALUE) TO ('a', 5)",
})
assert(joined(set:values(1)) == "b,c,a,a")
assert(joined(set:values(2)) == "1,5")
assert(joined(set:values(3)) == "")
assert(joined(set:order()) == "3,2,1")
set:rank(1, { a = 3, b = 2, c = 3 })
assert(joined(set:order()) == "2,3,1")
set:rank(1, {})
assert(set:text(2) == "FOR VALUES FROM ('b', 1) TO ('c', MAXVALUE)")
assert(set:equal(1, 1) and not set:equal(1, 2))
local tiling = set:tiling()
assert(tiling.default and #tiling.gaps == 0 and #tiling.overlaps == 0 and tiling.share == 1)

local gap <close> = assert(bound.set { "FOR VALUES FROM (5) TO (6)", "FOR VALUES FROM (1) TO (3)" })
tiling = gap:tiling()
assert(#tiling.gaps == 1 and tiling.gaps[1].after == 2 and tiling.gaps[1].before == 1)
assert(tiling.gaps[1].from == "(3)" and tiling.gaps[1].to == "(5)")

local lists <close> = assert(bound.set { "FOR VALUES IN ('a', NULL)", "FOR VALUES IN (NULL)" })
tiling = lists:tiling()
assert(joined(tiling.overlaps[1]) == "1,2" and joined(lists:values(1)) == "a")

local hash <close> = assert(bound.set { "FOR VALUES WITH (modulus 4, remainder 1)" })
tiling = hash:tiling()
assert(tiling.modulus == 4 and tiling.missing == 3 and joined(tiling.remainders) == "0,2,3")
assert(tiling.share == 0.25 and joined(hash:values(1)) == "")

local empty <close> = assert(bound.set {})
assert(#empty:order() == 0 and empty:tiling().share == 1)

local none, e = bound.set { "DEFAULT", "FOR VALUES" }
assert(none == nil and e.kind == "input" and e.message:find("expected FROM, IN or WITH", 1, true))
raises("table expected", bound.set, "DEFAULT")
raises("bound 2 is a boolean", bound.set, { "DEFAULT", true })
raises("columns count from 1", empty.values, empty, 0)
raises("no such bound", empty.text, empty, 1)
raises("no such bound", empty.equal, empty, 0, 1)
raises("table expected", empty.rank, empty, 1)
raises("partdemo.bound expected", set.order, {})
