-- scenarios/split.lua: replace the February partition by four weekly ones.
local check = require "partdemo.check"
local events = require "lib.events"

---@type partdemo.Scenario
return {
  summary = "Split event_logs_2024_02 into weekly partitions",
  needs = { "setup" },
  tables = { "event_logs" },

  before = {
    events.february,
    events.others,
    check.nothing_own { "event_logs_2024_02", privileges_of = "event_logs_2024_02" }, -- the weeks get them
    check.absent "event_logs_2024_02_week1",
    check.absent "event_logs_2024_02_week2",
    check.absent "event_logs_2024_02_week3",
    check.absent "event_logs_2024_02_week4",
  },
  hint = "'partdemo run cleanup' brings back the partitions of the setup. What a partition has of its own and "
    .. "is to be kept has to be noted and removed first; it can be given to the new partitions.",
  steps = {
    { sql = "repartition/11_split_partition.sql", say = "Split February by week" },
  },
  -- That no row was lost or changed, the file itself makes sure of, under its lock and before the commit.
  after = {
    events.week1,
    events.week2,
    events.week3,
    events.week4,
    check.absent "event_logs_2024_02",
    check.tiled "event_logs",
    check.indexed "event_logs",
  },
}
