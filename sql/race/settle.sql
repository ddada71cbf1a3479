-- Vacuum and analyze race.textbook
-- Both copies start with the same hint bits, visibility map and statistics. VACUUM cannot run in a transaction.
VACUUM (ANALYZE) race.textbook;

-- Vacuum and analyze race.online
VACUUM (ANALYZE) race.online;
