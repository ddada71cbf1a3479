-- scenarios/online/convert.lua: a plain table in use becomes a partition of a new partitioned table that takes its
-- name. No row is copied, others wait for milliseconds, in the swap.
local back = require "partdemo.online_convert_back"
local convert = require "partdemo.online_convert"
local steps = require "partdemo.online_steps"

---@type partdemo.Scenario
return {
  summary = "Make a plain table partitioned while it is used, without copying a row",
  params = steps.params(convert.params, { can_undo = true }),

  steps = steps.of(convert.abort, {
    {
      call = convert.begin,
      say = "Make the new table aside, like ${table}, with its further partitions",
    },
    {
      call = convert.build,
      say = "Add foreign keys to the new table, build wider unique indexes on ${table}",
    },
    {
      call = convert.promise,
      say = "Let ${table} promise that it holds only what its bound allows",
    },
    { call = convert.swap, say = "Swap" },
    {
      call = convert.settle,
      say = "Validate foreign keys, analyze, compare definitions",
    },
    { call = convert.finish, say = "End the run" },
  }, {
    { call = back.turn, say = "Turn round: ${table} is to be plain again" },
    { call = back.build, say = "Build unique indexes as they were" },
    { call = back.swap, say = "Swap back" },
    { call = convert.settle, say = "Validate foreign keys, analyze, compare definitions" },
    { call = convert.finish, say = "End the run" },
  }, { call = back.keep, say = "Keep the way back" }),

  after = steps.done(
    "convert",
    "${table} is partitioned by ${by}",
    convert.is_done,
    back.is_undone
  ),
}
