-- scenarios/cleanup.lua: back to the state after setup, from whatever add, split, detach and migrate left.
-- A restoration, not a deletion: rows that were loaded since stay. Each step is skipped if there is nothing to undo.
local check = require "partdemo.check"
local demo = require "lib.demo"
local detached = require "lib.detached"
local events = require "lib.events"
local left = require "partdemo.online_left"
local pieces = require "lib.pieces"

local own = events.own

---@type partdemo.Scenario
return {
  summary = "Undo add, split, detach and migrate, end what was left half done, keep every row",
  tables = { "event_logs", "event_logs_archive", "users_by_date" },

  before = { -- no `needs`: partitions that are missing are attached
    detached.tables,
    detached.others,
    own("event_logs_2024_02_week1", "event_logs_2024_02_week1"),
    own("event_logs_2024_02_week2", "event_logs_2024_02_week1"),
    own("event_logs_2024_02_week3", "event_logs_2024_02_week1"),
    own("event_logs_2024_02_week4", "event_logs_2024_02_week1"),
    own("event_logs_2024_04", "event_logs_default"),
  },
  hint = "What a partition has of its own and is to be kept has to be noted and removed first.",
  steps = {
    {
      call = left.end_all(demo),
      say = "End the online changes that were left half done",
      ensures = check.no_run { tables = demo },
    },
    {
      call = events.merge_pieces,
      say = "Merge what online/split made of a month",
      ensures = { events.whole, own("event_logs_2024_04", "event_logs_default") },
      hint = "'partdemo run online/merge' merges partitions, 'partdemo tree event_logs' shows them.",
    },
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
      call = pieces.undo,
      say = "Make whole what online/split and online/merge made of the other tables",
      ensures = { pieces.none, pieces.others },
    },
    {
      call = detached.attach,
      plan = detached.plan,
      say = "Attach partitions that online/detach took out",
      ensures = detached.none,
    },
    {
      call = events.refuse_other_archive,
      say = "Look for January's archive",
      ensures = events.archived,
    },
    {
      sql = "repartition/14_restore_january.sql",
      say = "Make January a partition again, from the archive and the default partition",
      ensures = { events.january, check.absent "event_logs_archive" },
      hint = "It needs event_logs_archive as detach left it. One with the rows of a January that is a partition still, "
        .. "as online/detach --archive leaves it, goes by DROP TABLE event_logs_archive.",
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
    check.no_run { tables = demo },
    events.whole,
    pieces.none,
    pieces.others,
    detached.none,
    events.archived,
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
    check.tiled "users_distributed",
    check.tiled "orders_by_region",
    check.tiled "sales_data",
    check.indexed "event_logs",
    check.nothing_left "event_logs",
  },
}
