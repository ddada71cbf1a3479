-- Whether the planner has statistics of the table named $1.
SELECT EXISTS (SELECT FROM pg_class AS c
                 JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname
                WHERE c.oid = $1::regclass) AS analyzed;
