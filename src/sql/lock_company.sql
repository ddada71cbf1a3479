-- The tables that statements on the table named $1 lock besides it: its partitions on all levels (parts), its default
-- partition, the one that it is a partition of (parent), those that its foreign keys refer to (referred), and for each of
-- these keys (key NAME). It itself is there, too (self), with its schema; of an index, its table.
WITH RECURSIVE this AS (
  SELECT c.oid FROM pg_class AS c WHERE c.oid = to_regclass($1)
), keys (name, oid, confrelid) AS (
  SELECT k.conname, k.oid, k.confrelid FROM this JOIN pg_constraint AS k ON k.contype = 'f' AND k.conrelid = this.oid
   UNION ALL
  SELECT keys.name, k.oid, k.confrelid FROM keys JOIN pg_constraint AS k ON k.contype = 'f' AND k.conparentid = keys.oid
), company (kind, oid) AS (
  SELECT 'self', this.oid FROM this
   UNION
  SELECT 'parts', t.relid FROM this CROSS JOIN pg_partition_tree(this.oid) AS t WHERE t.relid <> this.oid
   UNION
  SELECT 'default', p.partdefid FROM this JOIN pg_partitioned_table AS p ON p.partrelid = this.oid WHERE p.partdefid <> 0
   UNION
  SELECT 'parent', i.inhparent FROM this JOIN pg_inherits AS i ON i.inhrelid = this.oid
   UNION
  SELECT 'referred', keys.confrelid FROM keys
   UNION
  SELECT 'key ' || quote_ident(keys.name), keys.confrelid FROM keys
   UNION
  SELECT 'table', i.indrelid FROM this JOIN pg_index AS i ON i.indexrelid = this.oid
)
SELECT kind, format('%I.%I', n.nspname, c.relname) AS name
  FROM company JOIN pg_class AS c ON c.oid = company.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY kind, name;
