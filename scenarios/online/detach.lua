-- scenarios/online/detach.lua: take a partition out of a table in use, and archive it with proof.
local detach = require "partdemo.online_detach"
local steps = require "partdemo.online_steps"

---@type partdemo.Scenario
return {
  summary = "Detach a partition of any table in use, and archive its rows",
  params = steps.params({
    steps.partition,
    {
      name = "archive",
      type = "string",
      default = "",
      help = "a table that gets the rows; made when it is not there",
    },
    {
      name = "drop",
      type = "boolean",
      default = false,
      help = "drop the partition once the archive is proved to have its rows",
    },
  }, { copies = true }),

  steps = steps.of(detach.abort, {
    { call = detach.begin, say = "Look at ${partition}" },
    { call = detach.detach, say = "Detach ${partition}" },
    {
      call = detach.archive,
      say = "Copy its rows into ${archive}",
      when = "archive",
    },
    {
      call = detach.prove,
      say = "Compare ${partition} with ${archive}",
      when = "archive",
    },
    { call = detach.finish, say = "End the run" },
  }),

  after = steps.done("detach", "${partition} is no partition of ${table}", detach.is_done),
}
