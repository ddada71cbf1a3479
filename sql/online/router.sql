-- Make a private table, partitioned as the real one, that sends rows to the new partitions
-- Nobody else knows it. PostgreSQL itself checks the new bounds when the partitions are attached to it.
CREATE TABLE :router (LIKE :source INCLUDING GENERATED) PARTITION BY :partition_by;
