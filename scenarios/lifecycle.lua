-- scenarios/lifecycle.lua: everything, from nothing and back: what is left in the end is what was set up, and the rows
-- that were loaded meanwhile. It can be run again and again.
local check = require "partdemo.check"

local tables = { "event_logs", "users_distributed", "orders_by_region", "sales_data" }

local function loaded(since)
  local checks = {}
  for i, name in ipairs(tables) do
    checks[i] = check.loaded { name, since = since }
  end
  return checks
end

local function load(say)
  return { load = "standard", say = say, ops = "${ops}", clients = 4, max = true }
end

---@type partdemo.Scenario
return {
  summary = "Set up, load, query, re-partition in every way, load again, and clean up",
  params = {
    { name = "ops", type = "integer", default = 400, min = 1, help = "operations of each load" },
  },
  tables = tables,

  steps = {
    { run = "setup" },
    { run = "cleanup" }, -- of what an earlier run left that was interrupted
    {
      check = check.remember { "the start", rows = tables },
      say = "Note the schema, and count the rows",
    },
    load "Load, as users would",
    { check = loaded "the start", say = "Count what the load brought" },
    { run = "queries" },
    { run = "add" },
    { run = "split" },
    { check = loaded "the start", say = "Count again" },
    { run = "detach" },
    { run = "migrate" },
    {
      check = check.remember { "the change", rows = tables },
      say = "Count the rows without January",
    },
    load "Load into the new partitions",
    { check = loaded "the change", say = "Count what the load brought" },
    { run = "queries" },
    { run = "cleanup" },
    {
      check = {
        check.absent "event_logs_archive",
        check.absent "users_by_date",
        check.nothing_left "event_logs",
        check.nothing_left "users_distributed",
        check.nothing_left "orders_by_region",
        check.nothing_left "sales_data",
      },
      say = "Look for what should be gone",
    },
  },

  -- Against what was noted on the way: a run can never be "already done".
  after = { check.schema_equals "the start", table.unpack(loaded "the start") },
}
