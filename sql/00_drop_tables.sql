-- Refuse to drop a table of the same name that is somebody else's
-- The demo's tables have at least these columns.
DO $$
DECLARE
    strangers text;
BEGIN
    SELECT string_agg(to_regclass(demo.name)::text, ', ' ORDER BY demo.name) INTO strangers
    FROM (VALUES
        ('event_logs', '{id,event_type,user_id,event_data,ip_address,created_at}'::name[]),
        ('event_logs_old', '{id,event_type,user_id,event_data,ip_address,created_at}'),
        ('event_logs_archive', '{id,event_type,user_id,event_data,ip_address,created_at,archived_at,archive_reason}'),
        ('users_distributed', '{id,username,email,country_code,registration_date,status}'),
        ('users_distributed_old', '{id,username,email,country_code,registration_date,status}'),
        ('users_distributed_usernames', '{username,user_id}'),
        ('users_by_date', '{id,username,email,country_code,registration_date,status}'),
        ('orders_by_region', '{id,order_number,user_id,product_id,region,order_total,order_status,created_at}'),
        ('orders_by_region_old', '{id,order_number,user_id,product_id,region,order_total,order_status,created_at}'),
        ('sales_data', '{id,sale_date,product_category,product_id,quantity,unit_price,total_amount,store_id}'),
        ('sales_data_old', '{id,sale_date,product_category,product_id,quantity,unit_price,total_amount,store_id}')
    ) AS demo (name, columns)
    WHERE to_regclass(demo.name) IS NOT NULL AND NOT demo.columns <@ ARRAY(
        SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = to_regclass(demo.name) AND a.attnum > 0 AND NOT a.attisdropped);
    IF strangers IS NOT NULL THEN
        RAISE EXCEPTION 'not made by the demo, so not dropped: %', strangers
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'The demo needs a database of its own, or a schema of its own first in search_path.';
    END IF;
END
$$;

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
