-- scenarios/cleanup.lua: back to the state after setup, from whatever add, split, detach and migrate left.
-- A restoration, not a deletion: rows that were loaded since stay. Each step is skipped if there is nothing to undo.
local check = require "partdemo.check"
local events = require "lib.events"

return {
  summary = "Undo add, split, detach and migrate, and keep every row",
  needs = { "setup" },
  tables = { "event_logs", "event_logs_archive", "users_by_date" },

  before = {
    events.others,
    check.nothing_own { "event_logs_2024_02_week1", privileges_of = "event_logs_2024_02_week1" },
    check.nothing_own { "event_logs_2024_02_week2", privileges_of = "event_logs_2024_02_week1" },
    check.nothing_own { "event_logs_2024_02_week3", privileges_of = "event_logs_2024_02_week1" },
    check.nothing_own { "event_logs_2024_02_week4", privileges_of = "event_logs_2024_02_week1" },
    check.nothing_own { "event_logs_2024_04", privileges_of = "event_logs_default" },
  },
  hint = "What a partition has of its own and is to be kept has to be noted and removed first.",
  steps = {
    {
      sql = "repartition/14_merge_weeks.sql",
      say = "Merge the weeks into February",
      ensures = {
        events.february,
        check.absent "event_logs_2024_02_week1",
        check.absent "event_logs_2024_02_week2",
        check.absent "event_logs_2024_02_week3",
        check.absent "event_logs_2024_02_week4",
      },
    },
    {
      sql = "repartition/14_restore_january.sql",
      say = "Make January a partition again, from the archive and the default partition",
      ensures = { events.january, check.absent "event_logs_archive" },
      hint = "It needs event_logs_archive as detach left it, and no table event_logs_2024_01.",
    },
    {
      sql = "repartition/14_return_april.sql",
      say = "Move April back to the default partition",
      ensures = check.absent "event_logs_2024_04",
    },
    {
      sql = "repartition/14_drop_users_by_date.sql",
      say = "Drop users_by_date",
      ensures = check.absent "users_by_date",
    },
  },
  after = {
    events.january,
    events.february,
    events.others,
    check.absent "event_logs_2024_02_week1",
    check.absent "event_logs_2024_02_week2",
    check.absent "event_logs_2024_02_week3",
    check.absent "event_logs_2024_02_week4",
    check.absent "event_logs_2024_04",
    check.absent "event_logs_archive",
    check.absent "users_by_date",
    check.tiled "event_logs",
    check.indexed "event_logs",
    check.nothing_left "event_logs",
  },
}
