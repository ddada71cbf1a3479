-- A table of one's own: made, given next month's partition before it is needed, loaded, queried.
local check = require "partdemo.check"

return {
  summary = "Give measurements next month's partition in time",

  before = check.absent "measurements",
  steps = {
    {
      sql = "measurements.sql",
      say = "Create measurements",
      ensures = check.partitioned { "measurements", by = "range", key = "taken_at", leaves = 2 },
    },
    {
      sql = "next_month.sql",
      say = "Make July's partition",
      ensures = check.partition {
        "measurements_2024_07",
        of = "measurements",
        from = "2024-07-01",
        to = "2024-08-01",
      },
    },
    { check = check.remember { "empty", rows = { "measurements" } }, say = "Count" },
    { load = "mix.lua", say = "Load", ops = 500, max = true },
  },
  after = {
    check.loaded { "measurements", since = "empty" },
    check.rows "measurements_2024_07",
    check.tiled "measurements",
    check.indexed "measurements",
    check.nothing_left "measurements",
    check.pruned { query = "one_day.sql", table = "measurements", scanned = { "measurements_2024_06" } },
  },
}
