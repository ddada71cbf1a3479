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

-- Drop the partitions that were detached and are tables of their own
-- They take their ids from the sequences of the demo's tables, and would keep those from being dropped. A table of such
-- a name that does not is somebody else's.
DO $$
DECLARE
    detached regclass;
BEGIN
    FOR detached IN
        SELECT c.oid
        FROM (VALUES
            ('event_logs', '{id,event_type,user_id,event_data,ip_address,created_at}'::name[],
             '{event_logs_2024_01,event_logs_2024_02,event_logs_2024_02_week1,event_logs_2024_02_week2,
               event_logs_2024_02_week3,event_logs_2024_02_week4,event_logs_2024_03,event_logs_2024_04,
               event_logs_default}'::text[]),
            ('users_distributed', '{id,username,email,country_code,registration_date,status}',
             '{users_distributed_p0,users_distributed_p1,users_distributed_p2,users_distributed_p3}'),
            ('orders_by_region', '{id,order_number,user_id,product_id,region,order_total,order_status,created_at}',
             '{orders_north_america,orders_europe,orders_asia_pacific,orders_other}'),
            ('sales_data', '{id,sale_date,product_category,product_id,quantity,unit_price,total_amount,store_id}',
             '{sales_2024_q1_electronics,sales_2024_q1_clothing,sales_2024_q1_other,sales_2024_q1,
               sales_2024_q2_electronics,sales_2024_q2_clothing,sales_2024_q2_other,sales_2024_q2}')
        ) AS demo (name, columns, partitions)
        CROSS JOIN LATERAL unnest(demo.partitions) AS partition (name)
        JOIN pg_class AS c ON c.oid = to_regclass(partition.name) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        WHERE demo.columns <@ ARRAY(
                SELECT a.attname FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            AND EXISTS (
                SELECT FROM pg_attrdef AS value
                JOIN pg_depend AS takes ON takes.classid = 'pg_attrdef'::regclass AND takes.objid = value.oid
                    AND takes.refclassid = 'pg_class'::regclass
                JOIN pg_depend AS owned ON owned.classid = 'pg_class'::regclass AND owned.objid = takes.refobjid
                    AND owned.deptype = 'a'
                WHERE value.adrelid = c.oid
                    AND owned.refobjid IN (to_regclass(demo.name), to_regclass(demo.name || '_old')))
    LOOP
        EXECUTE format('DROP TABLE %s', detached);
    END LOOP;
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
