-- Shows how a load goes while its threads run: a line for people, events for programs.
local interrupt = require "partdemo.interrupt"
local report = require "partdemo.report"
local sched = require "partdemo.sched"
local sys = require "partdemo.sys"
local text = require "partdemo.text"

local loadwatch = {}

local LOOK = 0.02 -- seconds between two looks at the threads

-- On a terminal the line replaces the last one.
local function show_line(elapsed, now)
  local words = { ("%.1f s"):format(elapsed) }
  words[2] = ("%s ops/s"):format(text.number(math.floor(now.rate + 0.5)))
  if now.p50 then
    words[3] = ("p50 %s, p99 %s"):format(text.seconds(now.p50), text.seconds(now.p99))
  end
  for _, name in ipairs { "errors", "retries", "reconnects", "backlog" } do
    words[#words + 1] = now[name] > 0 and ("%s %s"):format(text.number(now[name]), name) or nil
  end
  local line = table.concat(words, ", ")
  if sys.isatty(2) then
    report.status(line)
  else
    report.note(line)
  end
end

local function ms(seconds)
  return seconds and seconds * 1e3
end

local function print_event(elapsed, now)
  report.event {
    event = "second",
    elapsed_s = elapsed,
    ops = now.ops,
    errors = now.errors,
    retries = now.retries,
    reconnects = now.reconnects,
    connected = now.connected,
    backlog = now.backlog,
    lag_ms = ms(now.lag),
    rate = now.rate,
    p50_ms = ms(now.p50),
    p99_ms = ms(now.p99),
    max_ms = ms(now.max),
  }
end

-- A show that is called each `interval` seconds from `begun` on, with what the meter read.
local function ticker(run, begun, interval, show)
  local meter, due = run:meter(), begun + interval
  return function(now)
    if now >= due then
      show(now - begun, meter:read())
      -- Late or not, the next one is on the grid; what was missed is not made up for.
      due = due + interval * math.ceil((now - due) / interval + 1e-9)
    end
  end
end

-- The first Ctrl-C ends the load: what is due is still done. The second ends it at once.
local function answer(run, interrupted)
  interrupt.accept()
  if interrupted then
    report.note "ending at once: what is under way is cancelled"
    run:stop()
  else
    report.note "ending: what is due is still done; Ctrl-C again ends it at once"
    run:drain()
  end
end

-- Waits for the end of a run that was told to go.
function loadwatch.wait(run, shape)
  local begun, interrupted = sched.now(), false
  local tickers = { ticker(run, begun, sys.isatty(2) and 0.1 or 1, show_line) }
  if shape.jsonl then
    tickers[2] = ticker(run, begun, 1, print_event)
  end
  while run:state() == "ready" do
    local ok, e = pcall(sched.sleep, LOOK)
    if not ok then
      if type(e) ~= "table" or e.kind ~= "interrupt" then
        error(e, 0)
      end
      answer(run, interrupted)
      interrupted = true
    end
    for _, tick in ipairs(tickers) do
      tick(sched.now())
    end
  end
end

return loadwatch
