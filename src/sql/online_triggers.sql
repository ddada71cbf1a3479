-- The statements that give each trigger of the table with OID $1 the state that it has now, whatever was done to it
-- meanwhile. Triggers that partitions have from the table above come back with the state that they have there.
SELECT format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname,
              CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA'
                               ELSE 'ENABLE' END, t.tgname) AS statement
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.tgrelid = $1::bigint AND NOT t.tgisinternal AND t.tgname !~ '^partdemo_(capture|guard)_\d+$'
 ORDER BY t.tgname;
