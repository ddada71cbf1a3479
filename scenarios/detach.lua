-- scenarios/detach.lua: January's events go to an archive table, and the partition is dropped.
local check = require "partdemo.check"
local events = require "lib.events"

---@type partdemo.Scenario
return {
  summary = "Archive event_logs_2024_01, then detach and drop it",
  needs = { "setup" },
  tables = { "event_logs", "event_logs_archive" },
  moved = { event_logs = "event_logs_archive" },

  before = {
    events.january,
    events.others,
    check.nothing_own { "event_logs_2024_01", privileges_of = "event_logs_2024_03" }, -- cleanup takes them from there
  },
  hint = "'partdemo run cleanup' brings back the partitions of the setup. What a partition has of its own and "
    .. "is to be kept has to be noted and removed first.",
  steps = {
    {
      sql = "repartition/12_detach_archive.sql",
      say = "Copy January to the archive, compare, detach and drop the partition",
    },
  },
  after = {
    check.table "event_logs_archive",
    check.absent "event_logs_2024_01",
    events.others, -- takes events of January that arrive later
    check.tiled "event_logs",
    check.indexed "event_logs",
  },
}
