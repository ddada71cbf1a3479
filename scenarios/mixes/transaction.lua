-- scenarios/mixes/transaction.lua: operations of several statements, written in Lua. Each is one
-- transaction; after a deadlock or a serialization failure it runs again with the same random numbers.
local rows = require "lib.rows"

local statuses = { "pending", "processing", "shipped", "delivered" }

-- A customer orders, and the event log says so.
local function order(client, rng)
  local user = rng:int(1, 10000)
  client:exec "BEGIN"
  client:exec(
    "INSERT INTO orders_by_region (order_number, user_id, product_id, region, order_total) "
      .. "VALUES ('TX-' || gen_random_uuid(), $1, $2, $3, $4)",
    user,
    rng:int(1, 1000),
    rng:random_element { "US", "CA", "DE", "FR", "JP" },
    rng:int(500, 250000) / 100
  )
  client:exec("INSERT INTO event_logs (event_type, user_id) VALUES ('purchase', $1)", user)
  client:exec "COMMIT"
  return 2
end

-- An order moves on.
local function progress(client, rng)
  local done = client:exec(
    "UPDATE orders_by_region SET order_status = $1 WHERE region = $2 AND user_id = $3",
    rng:random_element(statuses),
    rng:random_element { "US", "CA", "DE", "FR", "JP" },
    rng:int(1, 10000)
  )
  return done.affected
end

---@type partdemo.Mix
return {
  summary = "transactions of several statements, in Lua, beside plain inserts",
  tables = { "orders_by_region", "event_logs" }, -- whose leaves the report shows
  { weight = 50, name = "order", run = order },
  { weight = 20, name = "order moves on", run = progress },
  { weight = 30, name = "event", insert = "event_logs", row = rows.event_log },
}
