-- What a table has and no online change can carry over: what it is, why, and the SQL that moves it out of the way. Of
-- the table with OID $1 and of everything below it. No row: nothing stands in the way.
WITH leaf AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM (SELECT $1::bigint::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::bigint::oid::regclass)) AS t
    JOIN pg_class AS c ON c.oid = t.relid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
)
SELECT format('the rule %I', r.rulename) AS what, 'rules are not carried over' AS why,
       format('DROP RULE %I ON %s;', r.rulename, leaf.full_name) AS remedy
  FROM leaf JOIN pg_rewrite AS r ON r.ev_class = leaf.oid
UNION ALL
SELECT format('the constraint %I of %s', k.conname, leaf.full_name), 'it was never validated',
       format('ALTER TABLE %s VALIDATE CONSTRAINT %I;', leaf.full_name, k.conname)
  FROM leaf JOIN pg_constraint AS k ON k.conrelid = leaf.oid
 WHERE NOT k.convalidated AND k.contype <> 'f' AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
UNION ALL
SELECT DISTINCT format('the constraint %I of %s', k.conname, k.conrelid::regclass),
       format('its triggers on %s are disabled, or fire otherwise than those of a new one', leaf.full_name),
       format('ALTER TABLE %s ENABLE TRIGGER ALL;', leaf.full_name)
  FROM leaf JOIN pg_trigger AS t ON t.tgrelid = leaf.oid JOIN pg_constraint AS k ON k.oid = t.tgconstraint
 WHERE t.tgisinternal AND t.tgenabled <> 'O'
UNION ALL
SELECT 'the index ' || x.indexrelid::regclass, 'it is not valid',
       format('DROP INDEX %s;', x.indexrelid::regclass)
  FROM leaf JOIN pg_index AS x ON x.indrelid = leaf.oid JOIN pg_class AS i ON i.oid = x.indexrelid
 WHERE (NOT x.indisvalid OR NOT x.indisready) AND i.relname !~ '^partdemo_(wider|narrow)_\d+$'
UNION ALL
SELECT format('the security label of %s', leaf.full_name), 'labels are not carried over',
       format('SECURITY LABEL FOR %I ON TABLE %s IS NULL;', s.provider, leaf.full_name)
  FROM leaf JOIN pg_seclabel AS s ON s.classoid = 'pg_class'::regclass AND s.objoid = leaf.oid
UNION ALL
SELECT format('the table %s', leaf.full_name), format('it belongs to the extension %I', e.extname),
       format('ALTER EXTENSION %I DROP TABLE %s;', e.extname, leaf.full_name)
  FROM leaf JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = leaf.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON e.oid = d.refobjid
UNION ALL
SELECT format('a privilege on %s', leaf.full_name),
       format('%s granted it, who is not the owner', a.grantor::regrole),
       format('REVOKE %s ON %s FROM %s GRANTED BY %s;', a.privilege_type, leaf.full_name,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, a.grantor::regrole)
  FROM leaf CROSS JOIN aclexplode(leaf.relacl) AS a WHERE a.grantor <> leaf.relowner
 ORDER BY 1;
