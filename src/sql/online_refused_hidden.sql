-- Row security of the table with OID $1 or of one below it that would hide rows from a copy of this role's.
SELECT format('the row security of %I.%I', n.nspname, c.relname) AS what,
       'it is forced, so rows could be hidden from the copy' AS why,
       format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY;  -- afterwards: FORCE', n.nspname, c.relname) AS remedy
  FROM (SELECT $1::bigint::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::bigint::oid::regclass)) AS t
  JOIN pg_class AS c ON c.oid = t.relid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relrowsecurity AND c.relforcerowsecurity
   AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls))
 ORDER BY 1;
