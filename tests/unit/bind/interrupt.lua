-- What a signal does to Lua code: signal(n) sends it n times. Each process gets one script's worth of
-- signals, for the third ends it.
local interrupt = require "partdemo.interrupt"
local sched = require "partdemo.sched"
local signal, case = ... -- luacheck: ignore

local function is_interrupt(ok, e)
  assert(not ok and type(e) == "table" and e.kind == "interrupt", tostring(e and e.message or e))
end

local function spin(seconds)
  local over = sched.now() + seconds
  while sched.now() < over do
  end
  error "was not interrupted"
end

local cases = {}

-- a loop that swallows everything is stopped
function cases.pcall_loop()
  is_interrupt(sched.run(function()
    signal()
    while true do
      pcall(function()
        while true do
        end
      end)
    end
  end))
end

-- a loop that swallows the interrupts of its waits, too
function cases.wait_loop()
  is_interrupt(sched.run(function()
    signal()
    while true do
      pcall(sched.sleep, 10)
    end
  end))
end

-- coroutines that exist already, and new ones
function cases.coroutines()
  local old = coroutine.create(function()
    coroutine.yield()
    spin(20)
  end)
  coroutine.resume(old)
  is_interrupt(sched.run(function()
    signal()
    is_interrupt(coroutine.resume(old))
    while true do
      coroutine.resume(coroutine.create(function()
        while true do
        end
      end))
    end
  end))
end

-- teardown after a hook's interrupt has time to put up its shield, and is then left alone
function cases.teardown()
  local torn_down = 0
  is_interrupt(sched.run(function()
    local ok, e = pcall(function()
      signal()
      spin(20)
    end)
    is_interrupt(ok, e)
    do
      local shield <close> = interrupt.shield() -- luacheck: ignore
      for i = 1, 200000 do
        torn_down = i
      end
      sched.sleep(0.001)
    end
    error(e, 0)
  end))
  assert(torn_down == 200000)
  assert(interrupt.pending() == 2)
end

-- __close handlers of a task that the hook stopped
function cases.close_handler()
  local closed
  is_interrupt(sched.run(function()
    local _ <close> = setmetatable({}, {
      __close = function()
        local shield <close> = interrupt.shield() -- luacheck: ignore
        for _ = 1, 100000 do
          closed = (closed or 0) + 1
        end
      end,
    })
    signal()
    spin(20)
  end))
  assert(closed == 100000)
end

-- the second signal stops a shielded teardown
function cases.second()
  is_interrupt(sched.run(function()
    signal()
    is_interrupt(pcall(sched.sleep, 10))
    local shield <close> = interrupt.shield() -- luacheck: ignore
    sched.sleep(0.001)
    signal()
    sched.sleep(10)
    error "not reached"
  end))
end

-- shields nest, and closing one twice counts once
function cases.nested()
  is_interrupt(sched.run(function()
    do
      local outer <close> = interrupt.shield() -- luacheck: ignore
      do
        local inner <close> = interrupt.shield()
        getmetatable(inner).__close(inner)
        getmetatable(inner).__close(inner)
      end
      signal()
      sched.sleep(0.001)
      for _ = 1, 30000 do
      end
      local inner <close> = interrupt.shield() -- luacheck: ignore
      signal()
      sched.sleep(0.001)
    end
    is_interrupt(pcall(sched.sleep, 10))
    error(select(2, pcall(sched.sleep, 10)), 0)
  end))
end

-- only the main task's waits see it; the others run on until it ends
function cases.main_only()
  local other
  is_interrupt(sched.run(function()
    sched.spawn(function()
      sched.sleep(0.001)
      other = "not interrupted"
    end)
    sched.sleep(0)
    signal()
    local t = sched.spawn(sched.sleep, 100)
    is_interrupt(pcall(t.join, t))
    local shield <close> = interrupt.shield() -- luacheck: ignore
    sched.sleep(0.01)
    error({ kind = "interrupt" }, 0)
  end))
  assert(other == "not interrupted")
end

-- it comes while main joins, and the joined task ends in the same turn
function cases.join_race()
  is_interrupt(sched.run(function()
    local t = sched.spawn(function()
      coroutine.yield()
      signal()
      return "done"
    end)
    local got = { pcall(t.join, t) }
    assert(got[2] == "done" or got[2].kind == "interrupt")
    for _ = 1, 5 do
      coroutine.yield()
    end
    sched.sleep(1)
  end))
end

-- a task that waits in place within a script's coroutine, woken out of a wait
function cases.in_place()
  local begun = sched.now()
  is_interrupt(sched.run(function()
    coroutine.wrap(function()
      signal(0.02)
      sched.sleep(20)
    end)()
  end))
  assert(sched.now() - begun < 10)
end

-- out of a wait of the scheduler's own
function cases.asleep()
  local begun = sched.now()
  is_interrupt(sched.run(function()
    signal(0.02)
    sched.sleep(20)
  end))
  assert(sched.now() - begun < 10)
  -- and after run(): a moment to put up a shield
  local shield <close> = interrupt.shield() -- luacheck: ignore
  for _ = 1, 50000 do
  end
end

cases[case]()
