-- Runs a user's Lua file in an environment of its own: text only, no io, os, debug or load, and no new
-- globals. It guards against accidents; a scenario can run any SQL as the connected role.
local fail = require "partdemo.fail"
local files = require "partdemo.files"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local sandbox = {}

local shared = {
  "assert",
  "error",
  "ipairs",
  "next",
  "pairs",
  "pcall",
  "rawequal",
  "rawget",
  "rawlen",
  "rawset",
  "select",
  "tonumber",
  "tostring",
  "type",
  "getmetatable",
  "_VERSION",
}
local libraries = { "string", "table", "math", "utf8", "coroutine" }

-- A finalizer would run when nobody can stop it any more.
local function safe_setmetatable(object, meta)
  if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
    error("a scenario's metatables cannot have __gc", 2)
  end
  return setmetatable(object, meta)
end

-- Strings share one metatable with the program: a scenario cannot reach it.
getmetatable("").__metatable = false

local function is_interrupt(e)
  return type(e) == "table" and rawget(e, "kind") == "interrupt"
end

-- The handler of an interrupt would run inside the hook that raises it, where nothing could stop it.
local function safe_xpcall(f, handler, ...)
  if type(handler) ~= "function" then
    error("bad argument #2 to 'xpcall' (function expected, got " .. type(handler) .. ")", 2)
  end
  return xpcall(f, function(e)
    if is_interrupt(e) then
      return e
    end
    return handler(e)
  end, ...)
end

-- What was raised, in words: it may be anything, and its __tostring may fail.
local function message_of(value, path)
  local ok, message = pcall(tostring, value)
  if not ok and is_interrupt(message) then
    error(message, 0)
  end
  if ok and type(value) ~= "nil" and not message:find "^table: 0x" then
    return message
  end
  return ("%s: the error is a %s, not a message"):format(path, type(value))
end

local MOST_FRAMES = 10

-- Where the user's files were when an error was raised, from inside to outside; nil when its message says as much.
local function trace_of(e)
  local lines, level = {}, 2
  local at = debug.getinfo(level, "nSl")
  while at and #lines < MOST_FRAMES do -- an endless recursion has hundreds of thousands
    local own = at.source:match "^@partdemo/([%w_]+)%.lua$"
    if at.source:find "^@" and not (own and package.loaded["partdemo." .. own]) then
      local where = at.what == "main" and "main chunk"
        or at.name and ("function '%s'"):format(at.name)
        or ("the function of line %d"):format(at.linedefined)
      lines[#lines + 1] = ("%s:%d: in %s"):format(at.source:sub(2), at.currentline, where)
    end
    level = level + 1
    at = debug.getinfo(level, "nSl")
  end
  local place = lines[1] and lines[1]:match "^.-:%d+: "
  if #lines == 1 and type(e) == "string" and e:sub(1, #place) == place then
    return nil
  end
  return #lines > 0 and table.concat(lines, "\n") or nil
end

-- Reads, compiles and runs a file; its value, or nil and a message with the file and line.
local function run_file(path, env)
  local source, why = files.read(path)
  if not source then
    return nil, why
  end
  if source:sub(1, 4) == "\27Lua" then
    return nil, path .. ": compiled Lua is not accepted, only text"
  end
  source = source:gsub("^\u{FEFF}", ""):gsub("^#[^\n]*", "")
  local chunk
  chunk, why = load(source, "@" .. path, "t", env)
  if not chunk then
    return nil, why
  end
  local trace
  local ok, value = xpcall(chunk, function(e)
    if type(e) == "table" then
      return e
    end
    trace = trace_of(e)
    return e
  end)
  if ok then
    return value
  elseif is_interrupt(value) then
    error(value, 0)
  end
  return nil, message_of(value, path), trace
end

local function module_path(name, directories)
  local relative = name:gsub("%.", "/") .. ".lua"
  for _, directory in ipairs(directories) do
    local path = directory .. "/" .. relative
    if sys.kind(path) == "file" then
      return path
    end
  end
end

-- require(): the program's own modules, then files beside the scenario, then files under scenarios/.
local function make_require(env, directories)
  local loaded, LOADING = {}, {}
  return function(name)
    if type(name) ~= "string" then
      error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ")", 2)
    end
    if name:find "^partdemo%." then
      local ok, module = pcall(require, name)
      if not ok then
        error(("module '%s' does not exist"):format(name), 2)
      end
      return module
    end
    if loaded[name] == LOADING then
      error(("module '%s' is required while it is being loaded"):format(name), 2)
    elseif loaded[name] == nil then
      local path = not name:find("..", 1, true) and module_path(name, directories)
      if not path then
        local message = "module '%s' not found in %s"
        error(message:format(name, table.concat(directories, ", ")), 2)
      end
      loaded[name] = LOADING
      local value, why = run_file(path, env)
      if why then
        loaded[name] = nil
        error(why, 0)
      end
      loaded[name] = value == nil and true or value
    end
    return loaded[name]
  end
end

local function make_environment(directories)
  local env = {}
  for _, name in ipairs(shared) do
    env[name] = _G[name]
  end
  for _, name in ipairs(libraries) do
    env[name] = {}
    for key, value in pairs(_G[name]) do
      env[name][key] = value
    end
  end
  env.string.dump = nil
  env.setmetatable = safe_setmetatable
  env.xpcall = safe_xpcall
  env.print = function(...)
    require("partdemo.report").print(...)
  end
  env.require = make_require(env, directories)
  env._G = env
  return setmetatable(env, {
    __index = function(_, name)
      name = tostring(name)
      error(("undefined variable '%s'%s"):format(name, text.did_you_mean(name, text.keys(env))), 2)
    end,
    __newindex = function(_, name)
      error(("assignment to the global '%s': use a local variable"):format(tostring(name)), 2)
    end,
  })
end

-- Loads the file at `path`; directories: where its modules are looked for. Gives the file's value, or what
-- read(value) makes of it. Raises a usage failure that names the file and line, also when it is a
-- metamethod of the value that fails while it is read.
function sandbox.load(path, directories, read)
  local value, why, trace = run_file(path, make_environment(directories))
  if why then
    fail.raise("usage", why, { detail = trace })
  end
  if not read then
    return value
  end
  local ok, result = pcall(read, value)
  if ok then
    return result
  elseif is_interrupt(result) or (type(result) == "table" and rawget(result, "class")) then
    error(result, 0)
  end
  fail.raise("usage", ("%s: %s"):format(path, message_of(result, "while it was read")))
end

return sandbox
