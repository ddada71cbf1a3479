-- scenarios/mixes/misses.lua: rows that no partition was made for. Events of 2025 and regions without a
-- list go to the default partitions; sales have none, so those fail with 23514 and are counted.
local gen = require "partdemo.gen"
local rows = require "lib.rows"

---@type partdemo.Mix
return {
  summary = "rows for the default partitions, and sales that no partition takes",
  {
    weight = 40,
    name = "event of 2025",
    insert = "event_logs",
    row = rows.event_in("2025-01-01", "2026-01-01"),
  },
  {
    weight = 40,
    name = "order from elsewhere",
    insert = "orders_by_region",
    row = gen.row {
      { "order_number", gen.unique "ORD-%s" },
      { "user_id", gen.int(1, 10000) },
      { "product_id", gen.int(1, 1000) },
      { "region", gen.pick { "BR", "ZA", "NZ", "AE", "KR", "NO" } },
      { "order_total", gen.price(5, 2500) },
      { "order_status", "pending" },
      { "created_at", gen.timestamp("2024-01-01", "2025-01-01") },
    },
  },
  {
    weight = 20,
    name = "sale out of range",
    allow = { "23514" },
    insert = "sales_data",
    row = gen.row {
      { "sale_date", gen.date("2024-07-01", "2025-01-01") },
      { "product_category", gen.pick { "electronics", "clothing", "books" } },
      { "product_id", gen.int(1, 1000) },
      { "quantity", gen.int(1, 10) },
      { "unit_price", gen.price(5, 1500) },
      { "total_amount", gen.product("quantity", "unit_price") },
    },
  },
}
