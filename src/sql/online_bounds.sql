-- The partition constraints of the partitions of the private router with OID $1, in the words of the table with
-- OID $2: the CHECK that lets ATTACH PARTITION do without a scan.
SELECT format('%I.%I', n.nspname, c.relname) AS partition,
       replace(pg_get_partition_constraintdef(c.oid), format('''%s''::oid', $1::bigint), format('''%s''::oid', $2::bigint)) AS bound
  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE i.inhparent = $1::bigint;
