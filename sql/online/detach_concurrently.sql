-- Detach without stopping anybody
-- Two transactions in one statement, so it stands alone. It waits for the transactions that use the table, and
-- holds no lock that others need meanwhile. When it is interrupted, the detach is pending until it is finalized.
ALTER TABLE :parent DETACH PARTITION :source CONCURRENTLY;
