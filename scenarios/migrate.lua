-- scenarios/migrate.lua: the users once more, partitioned by date instead of by hash.
local check = require "partdemo.check"

local function quarter(n, from, to)
  return check.partition { "users_by_date_2024_q" .. n, of = "users_by_date", from = from, to = to }
end

---@type partdemo.Scenario
return {
  summary = "Copy users_distributed (hash) to users_by_date (range), keeping both",
  needs = { "setup" },
  tables = { "users_distributed", "users_by_date" },

  before = { check.absent "users_by_date" },
  hint = "A table that is in the way needs another name.",
  steps = {
    {
      sql = "repartition/13_migrate_strategy.sql",
      say = "Copy the users to users_by_date, by quarter of registration_date",
      verify = {
        check.same_rows { "users_distributed", "users_by_date" },
        check.sequence_ahead { "users_by_date", column = "id" },
      },
    },
  },
  -- Later the two tables may differ: users_by_date is as of the migration.
  after = {
    check.partitioned { "users_by_date", by = "range", key = "registration_date", leaves = 5 },
    quarter(1, "2024-01-01", "2024-04-01"),
    quarter(2, "2024-04-01", "2024-07-01"),
    quarter(3, "2024-07-01", "2024-10-01"),
    quarter(4, "2024-10-01", "2025-01-01"),
    check.partition { "users_by_date_default", of = "users_by_date", default = true }, -- and no date
    check.partitioned { "users_distributed", by = "hash", key = "id" },
    check.tiled "users_by_date",
    check.indexed "users_by_date",
  },
}
