-- scenarios/lib/demo.lua: the tables that the setup makes.
return { "event_logs", "users_distributed", "orders_by_region", "sales_data" }
