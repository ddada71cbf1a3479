-- What a scenario can expect of the database. check.NAME(arguments) makes a value with describe() and
-- run(ctx) -> ok, detail; strings in the arguments may hold ${param}. The kinds of checks are by topic in the
-- files that are listed at the end.
local schema = require "partdemo.schema"

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
  return self.spec.prepare ~= nil or self.spec.about_change == true
end

-- Whether a value was made by one of the functions here.
function check.is(value)
  return getmetatable(value) == meta
end

-- A check, a list of checks or nil as a list.
function check.as_list(value)
  return check.is(value) and { value } or value or {}
end

-- spec: fields and required (besides [1], the name of the relation or of what spec.names says), describe(a),
-- run(conn, a, ctx) -> ok, detail; for checks that compare with a state before, about_change = true or
-- prepare(conn, a, ctx); names = false for checks without [1]; conflict(a) says which fields do not go together,
-- so that nothing is left out of account.
local function define(name, spec)
  spec.fields = spec.fields or {}
  local subject = spec.names == nil and "the relation" or spec.names
  if subject then
    spec.fields["1"] = "string"
  end
  check[name] = function(args)
    args = type(args) == "string" and { args } or args
    local mistakes = schema.mistakes(args, spec)
    if type(args) == "table" and subject and args[1] == nil then
      mistakes[#mistakes + 1] = ("the name of %s is missing"):format(subject)
    end
    if #mistakes == 0 and spec.conflict then
      mistakes[1] = spec.conflict(args)
    end
    if #mistakes > 0 then
      error(("check.%s: %s"):format(name, table.concat(mistakes, "; ")), 2)
    end
    local caller = debug.getinfo(2, "Sl")
    local place = { file = caller.source:match "^@(.*)", line = caller.currentline }
    return setmetatable({ name = name, args = args, spec = spec, place = place }, meta)
  end
end

for _, topic in ipairs { "catalog", "rows", "schema", "left", "plan" } do
  for name, spec in pairs(require("partdemo.check_" .. topic).kinds) do
    define(name, spec)
  end
end

-- check.custom { say = "...", run = function(conn, params, ctx) return ok, detail end }: what no other check says.
-- say can be a function(params).
function check.custom(args)
  local spec = {
    describe = function(a)
      return a.say
    end,
    run = function(conn, _, ctx)
      return args.run(conn, ctx.params, ctx)
    end,
  }
  if type(args) ~= "table" or type(args.run) ~= "function" or args.say == nil then
    error("check.custom takes { say = TEXT, run = function(conn, params) }", 2)
  end
  return setmetatable({ name = "custom", args = { say = args.say }, spec = spec }, meta)
end

return check
