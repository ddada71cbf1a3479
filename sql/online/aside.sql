-- Make a new partition aside, like the old one
-- Identity is left out: the partitioned table has it. Indexes follow the rows, because sorting rows that are
-- there is faster than finding the place for each.
:create TABLE :target (
    LIKE :source INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS INCLUDING DEFAULTS
                 INCLUDING GENERATED INCLUDING STATISTICS INCLUDING STORAGE
) USING :method TABLESPACE :tablespace;

-- Give it its bound in the private table
ALTER TABLE :router ATTACH PARTITION :target :bound;
