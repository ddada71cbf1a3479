-- scenarios/online/split.lua: split a partition that is written to. Others wait for milliseconds, in the swap.
local online = require "partdemo.online"
local steps = require "partdemo.online_steps"

---@type partdemo.Scenario
return {
  summary = "Split a partition of any table while it is written to",
  params = steps.params({
    steps.partition,
    {
      name = "at",
      type = "string",
      default = "",
      help = "range: where to cut, as 2024-02-08,2024-02-15; of a default partition, where ranges begin and end",
    },
    {
      name = "values",
      type = "string",
      default = "",
      help = "list: values of each new partition, as 'US,CA;MX'; the others stay together",
    },
    {
      name = "names",
      type = "string",
      default = "",
      help = "of the new partitions, as a,b,c; else the partition's with _1, _2, ...",
    },
  }, { copies = true, can_undo = true }),

  steps = steps.of(online.abort_split, {
    {
      call = online.begin_split,
      say = "Make the new partitions aside, like ${partition}",
    },
    {
      call = online.capture,
      say = "Capture every change of ${partition}",
    },
    {
      call = online.copy,
      say = "Copy its rows in batches",
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
    {
      call = online.verify,
      say = "Compare ${partition} with the copies",
    },
    { call = online.swap, say = "Swap" },
    {
      call = online.settle,
      say = "Validate foreign keys, compare definitions",
    },
    {
      call = online.finish,
      say = "Drop the old partition and what the run made for itself",
    },
  }, steps.way_back "split"),

  after = steps.done("split", "${partition} of ${table} is split", online.is_split),
}
