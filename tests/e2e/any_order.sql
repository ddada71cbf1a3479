-- The judge of any_order.bats: a ledger of every row that was ever there, apart from partdemo's own
-- checks. It lives in a schema of its own, which no scenario knows.
CREATE SCHEMA judge;

CREATE TABLE judge.ledger (
    tab text,
    id bigint,
    content bigint NOT NULL,
    PRIMARY KEY (tab, id)
);

-- Every row that a reader can find now: events in their table or in the archive.
CREATE FUNCTION judge.present() RETURNS TABLE (tab text, id bigint, content bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT 'event_logs', t.id, hashtextextended(ROW(
        event_type, user_id, event_data, ip_address, created_at)::text, 0) FROM public.event_logs AS t;
    IF to_regclass('public.event_logs_archive') IS NOT NULL THEN
        RETURN QUERY SELECT 'event_logs', t.id, hashtextextended(ROW(
            event_type, user_id, event_data, ip_address, created_at)::text, 0)
            FROM public.event_logs_archive AS t;
    END IF;
    RETURN QUERY SELECT 'users_distributed', t.id::bigint, hashtextextended(ROW(
        username, email, country_code, registration_date, status)::text, 0)
        FROM public.users_distributed AS t;
    RETURN QUERY SELECT 'orders_by_region', t.id, hashtextextended(ROW(
        order_number, user_id, product_id, region, order_total, order_status, created_at)::text, 0)
        FROM public.orders_by_region AS t;
    RETURN QUERY SELECT 'sales_data', t.id, hashtextextended(ROW(
        sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id)::text, 0)
        FROM public.sales_data AS t;
END $$;

-- Takes the rows that are new since the last time into the ledger: how many in each table.
CREATE FUNCTION judge.note() RETURNS TABLE (tab text, n bigint) LANGUAGE sql AS $$
    WITH noted AS (
        INSERT INTO judge.ledger SELECT * FROM judge.present() AS p
        WHERE NOT EXISTS (SELECT FROM judge.ledger AS l WHERE l.tab = p.tab AND l.id = p.id)
        RETURNING tab
    )
    SELECT tab, count(*) FROM noted GROUP BY tab;
$$;

-- Rows whose leaf has another bound. A scan of the leaf alone: no pruning can hide one.
CREATE FUNCTION judge.misplaced() RETURNS TABLE (leaf regclass, n bigint) LANGUAGE plpgsql AS $$
DECLARE
    here regclass;
BEGIN
    FOR here IN SELECT c.oid FROM pg_class AS c
                WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L::regclass, count(*) FROM ONLY %s WHERE (%s) IS NOT TRUE',
            here, here, coalesce(pg_get_partition_constraintdef(here), 'true'));
    END LOOP;
END $$;

-- What is wrong, a line each; nothing is good.
CREATE FUNCTION judge.verdict() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s %s: %s', coalesce(l.tab, p.tab), coalesce(l.id, p.id),
        CASE WHEN p.id IS NULL THEN 'lost' WHEN l.id IS NULL THEN 'from nowhere'
             WHEN p.n > 1 THEN 'there ' || p.n || ' times' ELSE 'changed' END)
    FROM judge.ledger AS l
    FULL JOIN (SELECT tab, id, count(*) AS n, min(content) AS content
               FROM judge.present() GROUP BY tab, id) AS p USING (tab, id)
    WHERE l.content IS DISTINCT FROM p.content OR p.n > 1
  UNION ALL
    SELECT format('%s has %s rows outside its bound', leaf, n) FROM judge.misplaced() WHERE n > 0
  UNION ALL
    -- A table whose partitions take every value: a default, or each remainder.
    SELECT format('%s has a gap', t.oid::regclass)
    FROM pg_class AS t JOIN pg_partitioned_table AS p ON p.partrelid = t.oid
    WHERE t.relnamespace = 'public'::regnamespace AND p.partdefid = 0
      AND t.relname NOT LIKE 'sales\_data%'
      AND (p.partstrat <> 'h' OR 4 <> (SELECT count(*) FROM pg_inherits WHERE inhparent = t.oid))
  UNION ALL
    SELECT format('%s lacks a partition of index %s', leaf.inhrelid::regclass, i.indexrelid::regclass)
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indrelid AND c.relkind = 'p'
    JOIN pg_inherits AS leaf ON leaf.inhparent = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_inherits AS h JOIN pg_index AS mine ON mine.indexrelid = h.inhrelid
        WHERE h.inhparent = i.indexrelid AND mine.indrelid = leaf.inhrelid AND mine.indisvalid)
  UNION ALL
    SELECT format('index %s is not valid', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid
  UNION ALL
    SELECT format('constraint %s of %s is not validated', conname, conrelid::regclass)
    FROM pg_constraint WHERE NOT convalidated
  UNION ALL
    SELECT format('%s: a detach is pending', inhrelid::regclass) FROM pg_inherits WHERE inhdetachpending
  UNION ALL
    SELECT format('%s is left over', oid::regclass) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
      AND relname <> ALL ('{event_logs_old, users_distributed_old, orders_by_region_old, sales_data_old,
                            users_distributed_usernames, event_logs_archive}')
  UNION ALL
    SELECT format('%s gives an id that is taken', s.oid::regclass)
    FROM (SELECT max(id) AS top, tab FROM judge.ledger GROUP BY tab) AS m
    JOIN pg_class AS s ON s.oid = pg_get_serial_sequence('public.' || m.tab, 'id')::regclass
    WHERE m.top > pg_sequence_last_value(s.oid)
  UNION ALL
    -- The side table that keeps names unique across the partitions.
    SELECT format('user %s is not in the table of names, or only there', coalesce(u.id, n.user_id))
    FROM public.users_distributed AS u
    FULL JOIN public.users_distributed_usernames AS n ON n.user_id = u.id AND n.username = u.username
    WHERE u.id IS NULL OR n.user_id IS NULL;
$$;

-- Rows that no partition but the default is made for, and NULLs where they are allowed.
CREATE FUNCTION judge.odd_rows(n int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.event_logs (event_type, user_id, created_at) VALUES
        ('odd', n, '1999-12-31'), ('odd', n, 'infinity'), ('odd', n, '-infinity'),
        ('odd', n, '2024-01-31 23:59:59.999999'), ('odd', n, '2024-02-07 23:59:59.999999'),
        ('odd', n, '2024-02-08'), ('odd', n, '2024-02-29 12:00'), ('odd', n, '2024-03-01'),
        ('odd', n, '2024-04-01'), ('odd', n, '2024-04-30 23:59:59.999999'), ('odd', n, '2024-05-01');
    INSERT INTO public.users_distributed (username, email, country_code, registration_date, status) VALUES
        ('odd-a' || n, 'a', NULL, NULL, NULL), ('odd-b' || n, 'b', NULL, '1970-01-01', NULL),
        ('odd-c' || n, 'c', NULL, 'infinity', NULL), ('odd-d' || n, 'd', 'XX', '2024-12-31', 'x');
    INSERT INTO public.orders_by_region
        (order_number, user_id, product_id, region, order_total, order_status, created_at)
        VALUES ('odd' || n, n, 1, 'Atlantis', 0, NULL, NULL);
$$;
