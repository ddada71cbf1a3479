-- Take the old table out of the way, with its indexes
ALTER TABLE :source SET SCHEMA :away;
