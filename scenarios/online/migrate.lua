-- scenarios/online/migrate.lua: partition a table otherwise, or for the first time, while it is written to. Rows are
-- copied into a new table, which takes its place in the swap. online/convert does without a copy.
local migrate = require "partdemo.online_migrate"
local online = require "partdemo.online"
local steps = require "partdemo.online_steps"

---@type partdemo.Scenario
return {
  summary = "Give any table another partition key while it is written to, by copying its rows",
  params = steps.params(migrate.params, { copies = true, can_undo = true }),

  steps = steps.of(migrate.abort, {
    {
      call = migrate.begin,
      say = "Make the new table aside, like ${table}",
    },
    { call = migrate.fit, say = "Look for rows that the new table would not take" },
    { call = online.capture, say = "Capture every change of ${table}" },
    { call = online.copy, say = "Copy its rows in batches" },
    {
      call = online.build,
      say = "Build indexes, give owner, privileges and policies, analyze",
    },
    { call = online.drain, say = "Apply what changed meanwhile" },
    { call = online.verify, say = "Compare ${table} with the copy" },
    { call = online.swap, say = "Swap" },
    {
      call = online.settle,
      say = "Validate foreign keys, compare definitions",
    },
    {
      call = online.finish,
      say = "Drop the old table and what the run made for itself",
    },
  }, steps.way_back "migrate"),

  after = steps.done(
    "migrate",
    "${table} is partitioned by ${by}",
    migrate.is_done,
    migrate.is_undone
  ),
}
