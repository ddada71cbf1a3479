-- scenarios/queries.lua: which partitions each query reads, and what that gains over the plain table. What is
-- expected is worked out from the bounds that are there, so that it holds after any other scenario too.
local leaves = require "lib.leaves"
local all, on, since, within = leaves.all, leaves.on, leaves.since, leaves.within
local both, holding = leaves.both, leaves.holding

local february = within("2024-02-01", "2024-03-01")
local second_quarter = within("2024-04-01", "2024-07-01")

---@type partdemo.Scenario
return {
  summary = "Run queries on every kind of partitioning and count the partitions they read",
  needs = { "setup" },
  tables = { "event_logs", "users_distributed", "orders_by_region", "sales_data" },

  steps = {
    {
      query = "queries/20_range_queries.sql",
      say = "Range: event_logs by month",
      compare = { event_logs = "event_logs_old" },
      expect = {
        single_day = on "2024-02-16",
        single_month = february,
        several_months = within("2024-01-01", "2024-04-01"),
        open_range = since "2024-03-01",
        default_only = within("2024-06-01", "2024-07-01"),
        last_30_days = 1, -- the default partition: no other one is as young
        hidden_key = all,
        by_user = all,
        days_of_interest = leaves.any(on "2024-02-03", on "2024-02-16", on "2024-02-20"),
        prepared = on "2024-02-16",
      },
    },
    {
      query = "queries/21_hash_queries.sql",
      say = "Hash: users_distributed by id",
      compare = { users_distributed = "users_distributed_old" },
      expect = {
        one_id = 1,
        several_ids = 3,
        id_range = all,
        by_username = all,
        other_type = all,
        join_by_id = 2,
        prepared = 1,
      },
    },
    {
      query = "queries/22_list_queries.sql",
      say = "List: orders_by_region by region",
      compare = { orders_by_region = "orders_by_region_old" },
      expect = {
        one_region = holding { "DE" },
        several_regions = holding { "US", "CA", "DE", "FR" },
        unmapped_region = holding { "BR" },
        not_in = holding { "UK", "JP", "BR" }, -- one of each other list
        either_condition = holding { "UK", "BR" },
        hidden_key = all,
        subquery = holding { "UK" },
        prepared = holding { "JP" },
        all_totals = all,
        partition_wise = all,
      },
    },
    {
      query = "queries/23_composite_queries.sql",
      say = "Composite: sales_data by quarter and category",
      compare = { sales_data = "sales_data_old" },
      expect = {
        both_keys = both(on "2024-02-14", holding { "electronics" }),
        date_only = february,
        category_only = holding { "electronics" },
        across_quarters = both(within("2024-03-01", "2024-05-01"), holding { "shoes", "books" }),
        other_category = both(on "2024-05-01", holding { "books" }),
        outside = 0,
        by_product = all,
        subquery = both(second_quarter, holding { "shoes" }),
        prepared = both(on "2024-02-14", holding { "electronics" }),
        refused_sale = "23514",
      },
    },
  },
}
