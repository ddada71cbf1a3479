-- scenarios/add.lua: April's events get a partition of their own, out of the default one.
local check = require "partdemo.check"
local events = require "lib.events"

---@type partdemo.Scenario
return {
  summary = "Give April 2024 a partition of event_logs",
  needs = { "setup" },
  tables = { "event_logs" },

  before = { check.absent "event_logs_2024_04", events.others },
  hint = "A table that is in the way needs another name; a default partition has to be attached again.",
  steps = {
    {
      sql = "repartition/10_add_new_partition.sql",
      say = "Move April out of the default partition into one of its own",
    },
  },
  -- That no row was lost or changed, the file itself makes sure of, under its lock and before the commit.
  after = {
    events.april,
    events.others,
    check.tiled "event_logs",
    check.indexed "event_logs",
  },
}
