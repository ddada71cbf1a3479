-- scenarios/mixes/read_mostly.lua: four of five operations read, the others update and delete. The ids are
-- sampled from the tables when the run begins.
local gen = require "partdemo.gen"
local rows = require "lib.rows"

---@type partdemo.Mix
return {
  summary = "80 % reads, 15 % updates, 3 % inserts, 2 % deletes",
  tables = { "users_distributed", "orders_by_region", "event_logs" }, -- whose leaves the report shows
  {
    weight = 40,
    name = "user by id",
    sql = "SELECT username, email, status FROM users_distributed WHERE id = $1",
    params = gen.row { { "id", gen.key("users_distributed", "id", { theta = 0.9 }) } },
  },
  {
    weight = 20,
    name = "orders of a user",
    sql = "SELECT order_number, order_total FROM orders_by_region WHERE region = $1 AND user_id = $2",
    params = gen.row {
      { "region", gen.pick { "US", "CA", "UK", "DE", "FR", "JP" } },
      { "user_id", gen.int(1, 10000) },
    },
  },
  {
    weight = 20,
    name = "events of a day",
    sql = "SELECT count(*) FROM event_logs "
      .. "WHERE created_at >= $1 AND created_at < $1 + interval '1 day' AND user_id = $2",
    params = gen.row {
      { "day", gen.timestamp("2024-01-01", "2024-04-01", { precision = 0 }) },
      { "user_id", gen.int(1, 10000) },
    },
  },
  {
    weight = 10,
    name = "user status",
    sql = "UPDATE users_distributed SET status = $2 WHERE id = $1",
    ledger = { table = "users_distributed", key = "id", columns = { "status" } },
    params = gen.row {
      { "id", gen.key("users_distributed", "id", { theta = 0.9 }) },
      { "status", gen.pick { "active", "inactive", "suspended" } },
    },
  },
  {
    weight = 5,
    name = "order status",
    sql = "UPDATE orders_by_region SET order_status = $2 WHERE id = $1",
    ledger = { table = "orders_by_region", key = "id", columns = { "order_status" } },
    params = gen.row {
      { "id", gen.key("orders_by_region", "id") },
      { "status", gen.pick { "processing", "shipped", "delivered" } },
    },
  },
  { weight = 3, name = "event", insert = "event_logs", row = rows.event_log },
  {
    weight = 2,
    name = "forget an event",
    sql = "DELETE FROM event_logs WHERE id = $1",
    ledger = { table = "event_logs", key = "id" },
    params = gen.row { { "id", gen.key("event_logs", "id") } },
  },
}
