-- scenarios/mixes/standard.lua: the simulator's mix.
local rows = require "lib.rows"

---@type partdemo.Mix
return {
  summary = "30 % events, 25 % users, 25 % orders, 20 % sales",
  { weight = 30, name = "event", insert = "event_logs", row = rows.event_log },
  { weight = 25, name = "user", insert = "users_distributed", row = rows.user },
  { weight = 25, name = "order", insert = "orders_by_region", row = rows.order },
  { weight = 20, name = "sale", insert = "sales_data", row = rows.sale },
}
