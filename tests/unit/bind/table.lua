-- Tables from Lua: cells of every kind, and trees that never end.
local table_ = require "partdemo.table"
local _, without_memory = ...

-- What an error leaves to the collector stays when Lua has no memory to call its finalizer.
local function raises(part, f, ...)
  if without_memory then
    return
  end
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(part, 1, true), message)
end

local text = table_.render {
  columns = { { "NAME", tree = true }, { "N", right = true }, { "NOTE" } },
  rows = {
    {
      "top",
      1,
      { "red", colour = "red" },
      children = { { "below", 20, nil }, { nil, 3.5, { nil } } },
    },
    { "next", true, { 12 } },
  },
  ascii = true,
}
assert(text == table.concat({
  "NAME        N  NOTE",
  "top         1  red",
  "|-below    20",
  "`-        3.5",
  "next     true  12",
  "",
}, "\n"), text)
assert(table_.render { columns = { { "A" } }, rows = { { "x" } }, noheadings = true } == "x\n")
local red =
  table_.render { columns = { { "A" } }, rows = { { { "x", colour = "red" } } }, colour = true }
assert(red:find("\27[31mx\27[0m", 1, true), ("%q"):format(red))
assert(table_.render { columns = { { "A" } }, rows = {}, width = -5 } ~= nil)
assert(table_.render { columns = {}, rows = {} } == "")
assert(table_.render { columns = {}, rows = { {}, {} } } ~= nil)

local cycle = { "x" }
cycle.children = { cycle }
raises("too deep", table_.render, { columns = { { "A", tree = true } }, rows = { cycle } })
raises("unknown colour", table_.render, {
  columns = { { "A" } },
  rows = { { { "x", colour = "no such" } } },
  colour = true,
})
raises("table expected", table_.render, nil)
raises("table expected", table_.render, { columns = { { "A" } } })
raises("table expected", table_.render, { rows = {} })
raises("string expected", table_.render, { columns = { {} }, rows = {} })
