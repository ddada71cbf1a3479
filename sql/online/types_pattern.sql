-- Make an empty table like the old one, to give its columns their new types
-- PostgreSQL itself converts defaults and CHECKs; the new table and its partitions are made like it.
CREATE TABLE :pattern (
    LIKE :source INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS INCLUDING DEFAULTS
                 INCLUDING GENERATED INCLUDING STATISTICS INCLUDING STORAGE
);

-- Give them
ALTER TABLE :pattern :actions;
