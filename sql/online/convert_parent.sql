-- Make the partitioned table aside, like the plain one
-- Identity is left out: the sequence comes over in the swap, with its position. Indexes, owner, privileges and so on
-- follow.
CREATE TABLE :parent (
    LIKE :source INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS INCLUDING DEFAULTS
                 INCLUDING GENERATED INCLUDING STATISTICS INCLUDING STORAGE
) PARTITION BY :partition_by;
