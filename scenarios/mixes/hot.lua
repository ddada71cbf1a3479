-- scenarios/mixes/hot.lua: nine of ten events go to one partition, February 2024.
local rows = require "lib.rows"

---@type partdemo.Mix
return {
  summary = "90 % of the events in February 2024, all of one kind of row",
  {
    weight = 90,
    name = "february",
    insert = "event_logs",
    row = rows.event_in("2024-02-01", "2024-03-01"),
  },
  { weight = 10, name = "any month", insert = "event_logs", row = rows.event_log },
}
