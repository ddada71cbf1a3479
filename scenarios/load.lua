-- scenarios/load.lua: the load simulator. `partdemo run load 1000 30` is one operation a second for 30 s.
return {
  summary = "Run a workload mix against the tables, and count and time what it does",
  params = {
    { name = "interval", type = "number", default = 0, min = 0, position = 1, help = "milliseconds between operations (SIMULATOR_INTERVAL_MS, else 2000)" },
    { name = "seconds", type = "number", default = 0, min = 0, position = 2, help = "how long; 0 = until Ctrl-C" },
    { name = "mix", type = "string", default = "standard", help = "a mix in scenarios/mixes, or the path of one" },
    { name = "clients", type = "integer", default = 1, min = 1, max = 10000, help = "connections that work at the same time" },
    { name = "jobs", type = "integer", default = 0, min = 0, max = 256, help = "threads for them; 0 = as many as there are processors" },
    { name = "rate", type = "number", default = 0, min = 0, help = "operations a second, instead of an interval" },
    { name = "max", type = "boolean", default = false, help = "as fast as the clients can, each after its last answer" },
    { name = "poisson", type = "boolean", default = false, help = "random gaps between operations instead of equal ones" },
    { name = "duration", type = "duration", default = "", help = "how long, such as 30s or 5m" },
    { name = "ops", type = "integer", default = 0, min = 0, help = "end after so many operations" },
    { name = "pipeline", type = "integer", default = 1, min = 1, max = 1000, help = "operations sent together, as one transaction" },
  },
  steps = {
    {
      load = "${mix}",
      say = "Run the mix ${mix}",
      interval = "${interval}",
      seconds = "${seconds}",
      clients = "${clients}",
      jobs = "${jobs}",
      rate = "${rate}",
      max = "${max}",
      poisson = "${poisson}",
      duration = "${duration}",
      ops = "${ops}",
      pipeline = "${pipeline}",
    },
  },
}
