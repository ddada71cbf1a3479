-- scenarios/add.lua: April's events get a partition of their own, out of the default one.
local check = require "partdemo.check"

return {
  summary = "Give April 2024 a partition of event_logs",
  needs = { "setup" },
  tables = { "event_logs" },
  hint = "Give the table in the way another name, or drop it. Nothing was changed.",

  before = {
    check.absent "event_logs_2024_04",
    check.partition { "event_logs_default", of = "event_logs", default = true },
  },
  steps = {
    {
      sql = "repartition/10_add_new_partition.sql",
      say = "Move April out of the default partition into one of its own",
      verify = check.unchanged "event_logs",
    },
  },
  after = {
    check.partition {
      "event_logs_2024_04",
      of = "event_logs",
      from = "2024-04-01",
      to = "2024-05-01",
    },
    check.partition { "event_logs_default", of = "event_logs", default = true },
    check.unchanged "event_logs",
    check.tiled "event_logs",
    check.indexed "event_logs",
  },
}
