-- The partition constraint of the partition $1; null when its bound allows everything.
SELECT pg_get_partition_constraintdef(to_regclass($1)) AS expression;
