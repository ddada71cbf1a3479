-- The part of a mix that a worker thread runs, in the Lua state of that thread.
local json = require "partdemo.json"
local ledger = require "partdemo.ledger"
local mix = require "partdemo.mix"

local mixdrive = {}

-- In a worker's state: the entries for bind/load.c, from what job() made.
function mixdrive.worker(job)
  job = assert(json.decode(job))
  local loaded = mix.load(job.root, job.path)
  local entries, writers = {}, ledger.writers(loaded.entries)
  for i, each in ipairs(loaded.entries) do
    local made = job.entries[i]
    local of = each.row or each.params
    if of then
      mix.set_keys(of, made.keys)
    end
    entries[i] = {
      name = each.name,
      weight = each.weight,
      sql = made.sql,
      row = of and of:bound(made.types),
      run = each.run,
      batch = made.batch,
      ledger = made.ledger,
      stop_on_error = each.on_error == "stop",
      writes = writers[i],
    }
  end
  return entries
end

local FIRST_PURPOSE = 1000 -- of the random streams of Lua operations: below are those of core/rng.h

local retried = { ["40001"] = true, ["40P01"] = true }
local MOST_TRIES = 10
local CANCELLED, RAISED = "57014", "38000" -- SQLSTATEs of what ended otherwise than by SQL

-- What an entry's function returned, as a count of rows.
local function count(each, result)
  if result == nil then
    return 0
  elseif math.type(result) == "integer" and result >= 0 then
    return result
  end
  local got = type(result) == "number" and tostring(result) or "a " .. type(result)
  local message = "entry '%s' returned %s instead of its number of rows"
  error(message:format(each.name, got), 0)
end

-- Runs a Lua entry once: its rows, or nil, an SQLSTATE and a message. Any other error ends the run.
local function attempt(worker, conn, each, rng)
  local ok, result = worker:guard(each.run, conn, rng)
  local status = conn:status()
  if ok and (status == "lost" or status == "closed") then -- and the function caught the error
    ok, result = false, { kind = "connection" }
  elseif ok and status == "idle" then
    return count(each, result)
  end
  local kind = type(result) == "table" and result.kind
  local lost = kind == "connection"
  if not lost and status ~= "idle" then
    pcall(conn.exec, conn, "ROLLBACK")
  end
  if ok then
    error(("entry '%s' left a transaction open"):format(each.name), 0)
  elseif lost then
    return nil, result.sqlstate or "08006", result.message or "the connection was lost"
  elseif kind == "interrupt" then
    return nil, CANCELLED, result.message
  elseif type(result) == "table" and result.sqlstate then
    return nil, result.sqlstate, result.message
  end
  local raised = type(result) == "string" and result
    or type(result) == "table" and result.message
    or "it raised a " .. type(result)
  error(("entry '%s': %s"):format(each.name, raised), 0)
end

-- One operation of a Lua entry, again after a serialization failure or deadlock, with the same random
-- numbers.
local function perform(worker, client, each, seed, number, operation)
  local gen = require "partdemo.gen"
  local conn = worker:conn(client)
  for try = 1, MOST_TRIES do
    local rng = gen.rng(seed, number, FIRST_PURPOSE + operation)
    local ok, rows, state, message = pcall(attempt, worker, conn, each, rng)
    if not ok then -- it ends the run, which nothing should have to wait for
      worker:give_back(client, conn, 0, try - 1, RAISED, rows)
      error(rows, 0)
    elseif rows or not retried[state] or try == MOST_TRIES then
      return worker:give_back(client, conn, rows or 0, try - 1, state or "", message)
    end
    require("partdemo.sched").sleep(0.001 * try)
  end
end

-- In a worker's state: runs a mix that has Lua entries, each operation of one as a task of its own.
function mixdrive.drive(worker, entries, seed)
  local sched = require "partdemo.sched"
  require "partdemo.conn" -- the methods of the connections that are lent
  local operations = {}
  local failure, take_all
  local function operate(...)
    local ok, e = pcall(perform, ...)
    if ok then
      worker:poke() -- the client's next operation begins now
      take_all()
    else
      failure = failure or e
      worker:stop()
    end
  end
  function take_all()
    local client, i, number = worker:take()
    while client do
      operations[number] = (operations[number] or 0) + 1
      sched.spawn(operate, worker, client, entries[i], seed, number, operations[number])
      client, i, number = worker:take()
    end
  end
  local ok, e = sched.run(function()
    while worker:step() do
      take_all()
    end
    if failure then
      error(failure, 0)
    end
  end)
  worker:finish()
  if not ok then
    error(e.message or e, 0)
  end
end

return mixdrive
