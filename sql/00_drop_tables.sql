-- Drop the demo's tables, the migrated and the plain ones
-- Only tables that the scenarios make are named. Without CASCADE: a view or a foreign key of somebody
-- else that needs one of them stops the statement, and nothing is dropped.
DROP TABLE IF EXISTS
    event_logs, event_logs_old, event_logs_archive,
    users_distributed, users_distributed_old, users_distributed_usernames, users_by_date,
    orders_by_region, orders_by_region_old,
    sales_data, sales_data_old;

-- Drop the trigger functions that keep usernames unique
DROP FUNCTION IF EXISTS users_distributed_follow_row(), users_distributed_follow_truncate();
