-- JSON there and back, and what has no JSON form.
local json = require "partdemo.json"
local _, without_memory = ...

local function raises(part, f, ...)
  local ok, message = pcall(f, ...)
  if not ok and message == "not enough memory" then
    error(message, 0)
  end
  assert(not ok and tostring(message):find(part, 1, true), message)
end

local function refused(text)
  local value, e = json.decode(text)
  assert(value == nil and e.kind == "input" and e.line and e.message:find "^not JSON: ", text)
  return e
end

-- what must come back as it went
for _, text in ipairs {
  "{}",
  "[]",
  "[[],{}]",
  '{"a":[],"b":{}}',
  '""',
  "true",
  "false",
  "0",
  "-1",
  "1.5",
  "1e100",
  "9223372036854775807",
  "-9223372036854775808",
  '[1,2.0,"3",true]',
  '"\u{e9}\u{4e2d}\u{1f418}"',
  '"\\"\\\\\\n\\u0001"',
  '{"":1}',
  '{"a":{"b":{"c":[1,[2,[3]]]}}}',
} do
  local value = json.decode(text)
  local again = json.encode(value)
  if text == "[[],{}]" or text == '{"a":[],"b":{}}' then
    again = json.encode(json.decode(again))
  end
  assert(again:gsub("%s", "") == text, ("%s came back as %s"):format(text, again))
end
assert(json.decode '"\\u00e9\\ud83d\\udc18"' == "\u{e9}\u{1f418}")
assert(math.type(json.decode "1") == "integer" and math.type(json.decode "1.0") == "float")
assert(json.decode "9007199254740993" == 9007199254740993)
assert(select("#", json.decode "null") == 1 and json.decode "null" == nil)
local holes = json.decode '{"a":null,"b":1}'
assert(next(holes) == "b" and next(holes, "b") == nil)

-- encode
assert(json.encode(json.null) == "null" and json.encode(nil) == "null")
assert(json.encode { a = json.null, c = 1, b = 2 }:gsub("%s", "") == '{"a":null,"b":2,"c":1}')
assert(
  json.encode(0 / 0) == "null" and json.encode(1 / 0) == "null" and json.encode(-1 / 0) == "null"
)
assert(json.encode(0.1) == "0.1" and json.encode(1e15):find "^1")
assert(json.encode(json.array {}) == "[]" and json.encode {} == "{}")
local list = { 1 }
assert(json.array(list) == list and json.encode({ 1, { x = 1 } }, 2):find "\n")
assert(json.encode({ a = 1 }, 2) == '{\n  "a": 1\n}')
assert(json.encode "\u{1f418}" == '"\u{1f418}"')
local circle = {}
circle[1] = circle
for _, value in ipairs {
  "\xff",
  { ["\xff"] = 1 },
  { ["a\0b"] = 1 },
  { [1.5] = 1, x = 2 },
  { [true] = 1 },
  { print },
  print,
  coroutine.create(print),
  circle,
  { a = { b = { "\xc3" } } },
} do
  raises("cannot write", json.encode, value)
end
assert(json.encode "a\0b" == '"a\\u0000b"')
raises("table expected", json.array, 1)
raises("string expected", json.decode, nil)
raises("number", json.encode, {}, "x")

-- decode refuses
for _, text in ipairs {
  "",
  " ",
  "{",
  "[1,]",
  "{'a':1}",
  "nul",
  "01",
  "NaN",
  "Infinity",
  '"\\ud800"',
  '"\xff"',
  '"\\u0000"',
  '{"a":1,"a":2}',
  "[1] x",
  "9223372036854775808",
  "1e999",
  '"unended',
  "\0",
} do
  refused(text)
end
assert(refused("[\n1,\n2,\nx]").line == 4)

-- depth
local function nested(n)
  return ("["):rep(n) .. ("]"):rep(n)
end
assert(json.decode(nested(20)))
if without_memory then -- nothing new in it, but as many allocations again
  return
end
assert(json.encode(json.decode(nested(2000))):gsub("%s", "") == nested(2000))
assert(json.decode(nested(2000)))
refused(nested(3000))
refused(("["):rep(100000))
local inside_itself = {}
inside_itself[1] = inside_itself
raises("cannot write", json.encode, inside_itself)
