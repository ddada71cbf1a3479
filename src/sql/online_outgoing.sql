-- Foreign keys of the table with OID $1, as statements that drop them; of a partition those that it will have for itself
-- once it is detached. $2: its name by then, when it is another.
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', coalesce($2::text, format('%I.%I', n.nspname, c.relname)), k.conname) AS statement
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.conrelid = $1::bigint AND k.contype = 'f'
   AND NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid);
