-- February 2024 in event_logs: the one partition that setup makes, and the four weeks of the split.
local check = require "partdemo.check"

local february = {}

february.whole = check.partition {
  "event_logs_2024_02",
  of = "event_logs",
  from = "2024-02-01",
  to = "2024-03-01",
}

-- The last week has eight days: 2024 is a leap year.
local starts = { "2024-02-01", "2024-02-08", "2024-02-15", "2024-02-22", "2024-03-01" }

february.weeks, february.no_weeks, february.weeks_own_nothing = {}, {}, {}
for n = 1, 4 do
  local name = "event_logs_2024_02_week" .. n
  february.weeks[n] =
    check.partition { name, of = "event_logs", from = starts[n], to = starts[n + 1] }
  february.no_weeks[n] = check.absent(name)
  february.weeks_own_nothing[n] = check.nothing_own(name)
end

return february
