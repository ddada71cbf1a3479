-- Foreign keys of other tables to the one with OID $1 or to one that it is a partition of, and for each a statement that
-- tells whether a row refers to a row of $1, which a DETACH would refuse.
SELECT k.conname AS name, k.conrelid::regclass::text AS child,
       format('SELECT EXISTS (SELECT FROM %s AS c JOIN %s%s AS p ON %s) AS any', k.conrelid::regclass,
              (SELECT CASE WHEN relkind <> 'p' THEN 'ONLY ' END FROM pg_class WHERE oid = $1::bigint), $1::bigint::oid::regclass,
              (SELECT string_agg(format('p.%I OPERATOR(%I.%s) c.%I', own.attname, n.nspname, o.oprname, its.attname), ' AND ')
                 FROM unnest(k.conkey, k.confkey, k.conpfeqop) AS part (its, own, op)
                 JOIN pg_attribute AS its ON its.attrelid = k.conrelid AND its.attnum = part.its
                 -- Columns of a partition may have other numbers, but have the same names.
                 JOIN pg_attribute AS own ON own.attrelid = k.confrelid AND own.attnum = part.own
                 JOIN pg_operator AS o ON o.oid = part.op
                 JOIN pg_namespace AS n ON n.oid = o.oprnamespace)) AS statement
  FROM (SELECT relid FROM pg_partition_ancestors($1::bigint::oid::regclass)) AS a
  JOIN pg_constraint AS k ON k.contype = 'f' AND k.confrelid = a.relid AND k.conparentid = 0
 WHERE a.relid <> $1::bigint::oid
 ORDER BY 2, 1;
