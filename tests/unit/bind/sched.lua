-- Tasks: how they run, end, fail, wait for each other and are cancelled.
local sched = require "partdemo.sched"

local function closing(f)
  return setmetatable({}, { __close = f })
end

local function fails(part, f, ...)
  local ok, e = f(...)
  assert(not ok, "no failure")
  assert(tostring(e):find(part, 1, true), tostring(e))
  return e
end

-- results, arguments, order
local a, b, c, d = sched.run(function(x, y)
  return x + y, nil, "z"
end, 1, 2)
assert(a == true and b == 3 and c == nil and d == "z")
assert(select("#", sched.run(function() end)) == 1)

local order = {}
assert(sched.run(function()
  for i = 1, 3 do
    sched.spawn(function(n)
      order[#order + 1] = n
      sched.sleep(0.001 * (4 - n))
      order[#order + 1] = n
    end, i)
  end
  assert(#order == 0, "a spawned task begins when the spawner waits")
  sched.sleep(0.02)
end))
assert(table.concat(order) == "123321" or #order == 6, table.concat(order))
assert(table.concat(order, "", 1, 3) == "123")

-- a task spawned before run(), and deep results
do
  local ran
  sched.spawn(function()
    ran = true
  end)
  assert(sched.run(function()
    sched.sleep(0)
  end))
  assert(ran)
  local many = table.pack(sched.run(function()
    return table.unpack({}, 1, 5000)
  end))
  assert(many.n == 5001)
end

-- join
assert(sched.run(function()
  local t = sched.spawn(function(...)
    sched.sleep(0.001)
    return select("#", ...), ...
  end, nil, "x", nil)
  local n, x, y, z = t:join()
  assert(n == 3 and x == nil and y == "x" and z == nil)
  assert(select("#", t:join()) == 0, "results come once")
  local ended = sched.spawn(function()
    return 7
  end)
  sched.sleep(0)
  assert(ended:join() == 7)
end))

-- failures
local e = fails("main broke", sched.run, function()
  error "main broke"
end)
assert(e.kind == "lua" and e.traceback:find("sched.lua", 1, true))
e = fails("nobody joined", sched.run, function()
  sched.spawn(function()
    error "nobody joined"
  end)
  sched.sleep(0.001)
  return "fine"
end)
assert(e.kind == "lua")
for _, value in ipairs { { kind = "k" }, setmetatable({}, { __index = error, __newindex = error }) } do
  local ok, got = sched.run(error, value)
  assert(not ok and got == value and type(rawget(got, "traceback")) == "string")
end
fails("nil", sched.run, error, nil)
local function overflow(n)
  return overflow(n + 1) + 1
end
fails("stack overflow", sched.run, overflow, 1)
assert(sched.run(function()
  local t = sched.spawn(function()
    error "joined"
  end)
  for _ = 1, 2 do -- every join raises it
    fails("joined", pcall, t.join, t)
  end
  local already = sched.spawn(error, "already")
  sched.sleep(0)
  fails("already", pcall, already.join, already)
end))
-- the one that was joined must not hide the one that was not
fails("second", sched.run, function()
  local first = sched.spawn(error, "first")
  sched.spawn(error, "second")
  sched.spawn(error, "third")
  sched.sleep(0.001)
  pcall(first.join, first)
end)
-- a failure whose joiner was cancelled was not joined
fails("unheard", sched.run, function()
  local t = sched.spawn(function()
    sched.sleep(0.001)
    error "unheard"
  end)
  local joiner = sched.spawn(t.join, t)
  sched.sleep(0)
  joiner:cancel()
  sched.sleep(0.003)
end)

-- to-be-closed variables are closed at once when a task fails, and know why
do
  local why
  assert(sched.run(function()
    local t = sched.spawn(function()
      local _ <close> = closing(function(_, reason)
        why = reason
        sched.sleep(0) -- waits in place
      end)
      error "broken"
    end)
    pcall(t.join, t)
    assert(why and tostring(why.message):find "broken" and why.traceback)
  end))
  why = nil
  fails("main too", sched.run, function()
    local _ <close> = closing(function(_, reason)
      why = reason
    end)
    error "main too"
  end)
  assert(why)
  fails("from close", sched.run, function()
    local _ <close> = closing(function()
      error "from close"
    end)
    error "before"
  end)
end

-- bare coroutine.yield(): the others run, and sockets and timers are still looked at
assert(sched.run(function()
  local woke, turns = false, 0
  sched.spawn(function()
    sched.sleep(0.005)
    woke = true
  end)
  local give_up = sched.now() + 5
  while not woke and sched.now() < give_up do
    coroutine.yield("dropped", nil)
    turns = turns + 1
  end
  assert(woke and turns > 0)
  assert(select("#", coroutine.yield()) == 0)
end))

-- cancel
assert(sched.run(function()
  local log = {}
  local t
  t = sched.spawn(function()
    local _ <close> = closing(function()
      log[#log + 1] = "closed"
      t:cancel() -- again, from within: nothing
      assert(not pcall(t.join, t))
      sched.sleep(0)
    end)
    local _ <close> = closing(function()
      error "lost"
    end)
    sched.sleep(100)
  end)
  sched.sleep(0)
  t:cancel()
  t:cancel()
  assert(log[1] == "closed" and #log == 1)
  assert(select("#", t:join()) == 0)
  local never = sched.spawn(function()
    log[#log + 1] = "ran"
  end)
  never:cancel()
  sched.sleep(0)
  assert(#log == 1)
  -- who joins it comes back with nothing
  local sleeper = sched.spawn(sched.sleep, 100)
  local joiner = sched.spawn(function()
    return "back", sleeper:join()
  end)
  sched.sleep(0)
  sleeper:cancel()
  local back, more = joiner:join()
  assert(back == "back" and more == nil)
  -- the joiner is cancelled; what it waited for goes on, and can be joined
  local worker = sched.spawn(function()
    sched.sleep(0.002)
    return "done"
  end)
  joiner = sched.spawn(worker.join, worker)
  sched.sleep(0)
  joiner:cancel()
  assert(worker:join() == "done")
  -- one that is ready, between others
  local ready = {}
  for i = 1, 5 do
    ready[i] = sched.spawn(function()
      ready[i] = false
      if i == 1 then
        ready[3]:cancel()
        ready[5]:cancel()
      end
    end)
  end
  sched.sleep(0)
  assert(not ready[1] and not ready[2] and ready[3] and not ready[4] and ready[5])
end))

-- what cannot be joined
assert(sched.run(function()
  local t
  t = sched.spawn(function()
    return pcall(t.join, t)
  end)
  local ok, why = t:join()
  assert(not ok and why:find "cannot wait")
  local long = sched.spawn(sched.sleep, 100)
  sched.spawn(long.join, long)
  sched.sleep(0)
  fails("cannot wait", pcall, long.join, long) -- one joiner at most
  fails("runs already", pcall, sched.run, tostring)
end))

-- run() cancels what is left
do
  local closed, spawned = 0, nil
  assert(sched.run(function()
    for _ = 1, 20 do
      sched.spawn(function()
        local _ <close> = closing(function()
          closed = closed + 1
          spawned = pcall(sched.spawn, tostring, 1)
        end)
        sched.sleep(100)
      end)
    end
    sched.sleep(0)
  end))
  assert(closed == 20 and spawned == false)
  assert(sched.run(function()
    sched.sleep(0)
  end))
end

-- a script's own coroutines wait in place, also where nothing can yield
assert(sched.run(function()
  local t = sched.spawn(function()
    return "other"
  end)
  local wrapped = coroutine.wrap(function()
    sched.sleep(0.001)
    coroutine.yield "half"
    sched.sleep(0.001)
    return "whole"
  end)
  assert(wrapped() == "half" and wrapped() == "whole")
  local sorted = { 3, 1, 2 }
  table.sort(sorted, function(x, y)
    sched.sleep(0)
    return x < y
  end)
  assert(table.concat(sorted) == "123")
  local inside = coroutine.wrap(function()
    return pcall(t.join, t)
  end)
  local ok, why = inside()
  assert(ok == false and why:find "cannot wait" or ok and why == "other")
end))

-- somebody else resumes or closes a task's coroutine: odd, but it stays in one piece
assert(sched.run(function()
  local co
  sched.spawn(function()
    co = coroutine.running()
    pcall(sched.sleep, 0.001)
    pcall(sched.sleep, 0.001)
  end)
  sched.sleep(0)
  coroutine.resume(co)
  coroutine.resume(co)
  local t = sched.spawn(function()
    co = coroutine.running()
    sched.sleep(0.001)
  end)
  sched.sleep(0)
  coroutine.close(co)
  pcall(t.join, t)
  return true
end) or true)

-- many
assert(sched.run(function()
  local tasks, sum = {}, 0
  for i = 1, 200 do
    tasks[i] = sched.spawn(function()
      sched.sleep(0.0001 * (i % 7))
      if i % 3 == 0 then
        coroutine.yield()
      end
      return i
    end)
  end
  for i = 1, 200, 2 do
    sum = sum + tasks[i]:join()
  end
  assert(sum == 10000)
end))
