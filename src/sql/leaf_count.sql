-- Leaves below the relation named $1.
SELECT count(*) AS leaves
  FROM pg_partition_tree(to_regclass($1))
 WHERE isleaf;
