-- What the server has written so far: bytes of WAL, by all sessions, also those that are still in its
-- buffers; and bytes of temporary files, by the sessions of this database.
SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 AS wal,
       (SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()) AS temp;
