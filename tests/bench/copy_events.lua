-- tests/bench/copy_events.lua: generated events by COPY into the table bench_events, which exists.
local rows = require "lib.rows"

return {
  summary = "Copy generated events into bench_events",
  params = {
    { name = "rows", type = "integer", default = 1000000, min = 1, help = "how many" },
  },
  steps = {
    {
      copy = "bench_events",
      rows = function(params)
        return params.rows
      end,
      gen = rows.event_log,
    },
  },
}
