-- Whether the table with OID $2 is a partition of the one with OID $1: 'attached', 'pending' when its detach was
-- interrupted, 'detached', or 'gone' when there is no such table.
SELECT CASE WHEN i.inhrelid IS NOT NULL AND i.inhdetachpending THEN 'pending'
            WHEN i.inhrelid IS NOT NULL THEN 'attached'
            WHEN c.oid IS NOT NULL THEN 'detached' ELSE 'gone' END AS state
  FROM (VALUES (1)) AS one
  LEFT JOIN pg_class AS c ON c.oid = $2::bigint
  LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = $1::bigint;
