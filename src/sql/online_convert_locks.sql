-- What a swap locks besides the table with OID $1: the tables that its foreign keys refer to, and those that refer to
-- it. Of the former ATTACH PARTITION drops triggers: a weaker lock would have to become this one later, behind readers
-- who may wait for the first table by then. Whoever may not lock them leaves it to the statements that do so by
-- themselves. One statement, which statement_timeout bounds as a whole, for the first table is locked by then.
SELECT format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', string_agg(DISTINCT format('ONLY %I.%I', n.nspname, c.relname), ', ')) AS statement
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = CASE WHEN k.conrelid = $1::bigint THEN k.confrelid ELSE k.conrelid END
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND $1::bigint IN (k.conrelid, k.confrelid) AND k.conparentid = 0
   AND k.conrelid <> k.confrelid AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
HAVING count(*) > 0;
