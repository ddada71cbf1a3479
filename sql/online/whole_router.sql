-- Make the new table aside, like the old one, with its key
-- Identity is left out until the swap: rows come with the values that they have.
CREATE TABLE :router (
    LIKE :source INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS INCLUDING DEFAULTS
                 INCLUDING GENERATED INCLUDING STATISTICS INCLUDING STORAGE
) PARTITION BY :by;
