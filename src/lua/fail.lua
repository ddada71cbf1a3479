-- Failures and the exit codes that scripts rely on.
local fail = {}

fail.codes = {
  failed = 1, -- a step or an SQL statement
  usage = 2, -- usage, a bad scenario or bad configuration: nothing was touched
  connect = 3, -- cannot connect, or cannot start the private server
  check = 4, -- a check failed or a limit was exceeded
  leftover = 5, -- something was left behind that `partdemo run cleanup` clears
}

local meta = {
  __tostring = function(e)
    return e.message
  end,
}

-- Raises a failure that ends the command with fail.codes[class]. `more` holds hint, detail, cause.
---@param class "failed"|"usage"|"connect"|"check"|"leftover"
---@param message string
---@param more? table
function fail.raise(class, message, more)
  local e = setmetatable({ class = class, message = message }, meta)
  for key, value in pairs(more or {}) do
    e[key] = value
  end
  error(e, 0)
end

local function with_traceback(e)
  if type(e) == "table" then
    return e
  end
  return setmetatable(
    { kind = "lua", message = tostring(e), traceback = debug.traceback(nil, 2) },
    meta
  )
end

-- pcall() that turns a Lua error into an error table which knows where it was raised.
function fail.call(f, ...)
  return xpcall(f, with_traceback, ...)
end

-- The exit code for any error value.
function fail.code(e)
  if type(e) ~= "table" then
    return fail.codes.failed
  elseif e.kind == "interrupt" then
    return 128 + (require("partdemo.interrupt").pending() or 2)
  elseif e.class then
    return fail.codes[e.class]
  elseif e.kind == "config" then
    return fail.codes.usage
  elseif e.kind == "server" then
    return fail.codes.connect
  end
  return fail.codes.failed
end

-- Exit code 2 promises that nothing was touched: after steps that were done a mistake is a step that failed, and names
-- them. ran: their names.
function fail.after(e, ran)
  if #ran > 0 and type(e) == "table" and fail.code(e) == fail.codes.usage then
    local stays = "done before, and not undone: " .. table.concat(ran, ", ")
    e.class = "failed"
    e.detail = e.detail and ("%s\n%s"):format(e.detail, stays) or stays
  end
end

return fail
