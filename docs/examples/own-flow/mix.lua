-- What the sensors send.
local gen = require "partdemo.gen"

return {
  summary = "Measurements of May, June and July",
  {
    weight = 1,
    name = "measurement",
    insert = "measurements",
    row = gen.row {
      { "sensor", gen.int(1, 50) },
      { "taken_at", gen.timestamp("2024-05-01", "2024-08-01") },
      { "value", gen.price(0.5, 99.5) },
    },
  },
}
