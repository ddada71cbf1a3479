-- scenarios/lib/events.lua: the partitions of event_logs, those of the setup and those that re-partitioning
-- makes, each as the check that it is there with its bound.
local check = require "partdemo.check"

local function partition(name, from, to)
  return check.partition { "event_logs_" .. name, of = "event_logs", from = from, to = to }
end

return {
  january = partition("2024_01", "2024-01-01", "2024-02-01"),
  february = partition("2024_02", "2024-02-01", "2024-03-01"),
  week1 = partition("2024_02_week1", "2024-02-01", "2024-02-08"),
  week2 = partition("2024_02_week2", "2024-02-08", "2024-02-15"),
  week3 = partition("2024_02_week3", "2024-02-15", "2024-02-22"),
  week4 = partition("2024_02_week4", "2024-02-22", "2024-03-01"), -- eight days: 2024 is a leap year
  april = partition("2024_04", "2024-04-01", "2024-05-01"),
  others = check.partition { "event_logs_default", of = "event_logs", default = true },
}
