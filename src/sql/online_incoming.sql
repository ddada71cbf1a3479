-- Foreign keys of other tables to the table with OID $1 or to one that it is a partition of: how to take
-- each away for the swap, how to put it back without a scan, and how to validate it afterwards.
SELECT format('%I.%I', n.nspname, c.relname) AS child,
       format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname) AS take,
       format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s NOT VALID', n.nspname, c.relname, k.conname,
              regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''))
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %I.%I IS ', k.conname, n.nspname, c.relname)
                     || quote_literal(obj_description(k.oid, 'pg_constraint')), '') AS give,
       CASE WHEN k.convalidated
            THEN format('ALTER TABLE %I.%I VALIDATE CONSTRAINT %I', n.nspname, c.relname, k.conname) END AS validate
  FROM (SELECT $1::bigint::oid AS relid UNION SELECT relid FROM pg_partition_ancestors($1::bigint::oid::regclass)) AS a
  JOIN pg_constraint AS k ON k.contype = 'f' AND k.confrelid = a.relid AND k.conparentid = 0
  JOIN pg_class AS c ON c.oid = k.conrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY 1, k.conname;
