-- scenarios/online/merge.lua: make one partition of several that are written to. Others wait for milliseconds, in
-- the swap.
local online = require "partdemo.online"
local steps = require "partdemo.online_steps"

---@type partdemo.Scenario
return {
  summary = "Merge partitions of any table while they are written to",
  params = steps.params({
    {
      name = "partitions",
      type = "string",
      help = "neighbouring ranges, lists, or remainders that make up one, as a,b,c",
    },
    {
      name = "name",
      type = "string",
      default = "",
      help = "of the new partition; else what the names of the old ones begin with",
    },
  }, { copies = true, can_undo = true }),

  steps = steps.of(online.abort_merge, {
    {
      call = online.begin_merge,
      say = "Make the new partition aside, like the old ones",
    },
    { call = online.capture, say = "Capture every change of the old ones" },
    {
      call = online.copy,
      say = "Copy their rows in batches",
    },
    {
      call = online.build,
      say = "Build indexes, give owner, privileges and policies, analyze",
    },
    { call = online.drain, say = "Apply what changed meanwhile" },
    {
      call = online.promise,
      say = "Make sure that no partition is scanned under a lock",
    },
    { call = online.verify, say = "Compare old and new" },
    { call = online.swap, say = "Swap" },
    {
      call = online.settle,
      say = "Validate foreign keys, compare definitions",
    },
    {
      call = online.finish,
      say = "Drop the old partitions and what the run made for itself",
    },
  }, steps.way_back "merge"),

  after = steps.done("merge", "${partitions} of ${table} are one partition", online.is_merged),
}
