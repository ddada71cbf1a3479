-- scenarios/setup.lua: four plain tables with data, each one migrated to a partitioned table.
local check = require "partdemo.check"
local demo = require "lib.demo"
local detached = require "lib.detached"
local left = require "partdemo.online_left"
local rows = require "lib.rows"

-- --rows N adds N rows in the proportions of the seed.
local seeded =
  { event_logs = 400, users_distributed = 150, orders_by_region = 250, sales_data = 300 }
local seeded_in_all = 1100

-- How many of the N rows go to a table; event_logs gets what rounding leaves over.
local function share(name)
  return function(params)
    local function part(of)
      return params.rows * seeded[of] // seeded_in_all
    end
    if name ~= "event_logs" then
      return part(name)
    end
    return params.rows - part "users_distributed" - part "orders_by_region" - part "sales_data"
  end
end

local function add_rows(name, row)
  return {
    copy = name,
    rows = share(name),
    gen = row,
    when = "rows",
    ensures = check.rows {
      name,
      at_least = function(params)
        return seeded[name] + share(name)(params)
      end,
    },
  }
end

local function plain(name, columns)
  return check.table { name, columns = columns }
end

---@type partdemo.Scenario
return {
  summary = "Fill four plain tables and migrate each to a partitioned one",
  tables = {
    "event_logs",
    "event_logs_old",
    "users_distributed",
    "users_distributed_old",
    "orders_by_region",
    "orders_by_region_old",
    "sales_data",
    "sales_data_old",
  },
  params = {
    {
      name = "rows",
      type = "integer",
      default = 0,
      min = 0,
      help = "rows to generate besides the seed's 1,100",
    },
    {
      name = "reset",
      type = "boolean",
      default = false,
      help = "drop the demo's tables first, with all their rows",
    },
  },

  steps = {
    {
      call = left.end_all(demo),
      say = "End the online changes that were left half done",
      when = "reset",
      ensures = check.no_run { tables = demo },
    },
    {
      sql = "00_drop_tables.sql",
      say = "Drop the demo's tables",
      when = "reset",
      confirm = "Drop the demo's tables with all their rows?",
    },
    {
      sql = "00_setup_base_tables.sql",
      say = "Create plain tables",
      hint = "If some of the demo's tables are there and others are not, --reset rebuilds all of them; "
        .. "a table that is not the demo's it does not drop.",
      ensures = {
        plain(
          "event_logs",
          { "id", "event_type", "user_id", "event_data", "ip_address", "created_at" }
        ),
        plain(
          "users_distributed",
          { "id", "username", "email", "country_code", "registration_date", "status" }
        ),
        plain("orders_by_region", {
          "id",
          "order_number",
          "user_id",
          "product_id",
          "region",
          "order_total",
          "order_status",
          "created_at",
        }),
        plain("sales_data", {
          "id",
          "sale_date",
          "product_category",
          "product_id",
          "quantity",
          "unit_price",
          "total_amount",
          "store_id",
        }),
      },
    },
    {
      sql = "00_initial_seed_data.sql",
      say = "Insert the seed data",
      ensures = {
        check.rows "event_logs",
        check.rows "users_distributed",
        check.rows "orders_by_region",
        check.rows "sales_data",
      },
    },
    add_rows("event_logs", rows.event_log),
    add_rows("users_distributed", rows.user),
    add_rows("orders_by_region", rows.order),
    add_rows("sales_data", rows.sale),
    {
      sql = "01_range_partitions.sql",
      say = "Partition event_logs by range of created_at",
      ensures = check.partitioned { "event_logs", by = "range", key = "created_at" },
      verify = {
        check.same_rows { "event_logs", "event_logs_old" },
        check.sequence_ahead { "event_logs", column = "id" },
      },
    },
    {
      sql = "02_hash_partitions.sql",
      say = "Partition users_distributed by hash of id",
      ensures = check.partitioned { "users_distributed", by = "hash", key = "id" },
      verify = {
        check.same_rows { "users_distributed", "users_distributed_old" },
        check.sequence_ahead { "users_distributed", column = "id" },
      },
    },
    {
      sql = "03_list_partitions.sql",
      say = "Partition orders_by_region by list of regions",
      ensures = check.partitioned { "orders_by_region", by = "list", key = "region" },
      verify = {
        check.same_rows { "orders_by_region", "orders_by_region_old" },
        check.sequence_ahead { "orders_by_region", column = "id" },
      },
    },
    {
      sql = "04_composite_partitions.sql",
      say = "Partition sales_data by quarter, each quarter by category",
      ensures = check.partitioned { "sales_data", by = "range", key = "sale_date" },
      verify = {
        check.same_rows { "sales_data", "sales_data_old" },
        check.sequence_ahead { "sales_data", column = "id" },
      },
    },
  },

  after = {
    detached.named,
    check.partitioned { "event_logs", by = "range", key = "created_at" },
    check.partitioned { "users_distributed", by = "hash", key = "id" },
    check.partitioned { "orders_by_region", by = "list", key = "region" },
    check.partitioned { "sales_data", by = "range", key = "sale_date" },
    check.tiled "event_logs",
    check.tiled "users_distributed",
    check.tiled "orders_by_region",
    check.tiled "sales_data",
    check.indexed "event_logs",
    check.indexed "users_distributed",
    check.indexed "orders_by_region",
    check.indexed "sales_data",
  },
}
