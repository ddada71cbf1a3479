-- What the partition named $1 has and a new one in its place would not have: it would be lost with the partition.
-- $2: the table whose privileges the new one will have; NULL: it gets those of a new table. $3: without the triggers of
-- online changes.
-- Nothing when there is no such table. Objects that a parent's object made (dependency type P) come by themselves.
WITH leaf AS (
  SELECT c.*, parent.oid AS parent, parent.relacl AS parent_acl, parent.relowner AS parent_owner,
         parent.reltablespace AS parent_tablespace
    FROM pg_class AS c
    JOIN pg_inherits AS i ON i.inhrelid = c.oid
    JOIN pg_class AS parent ON parent.oid = i.inhparent
   WHERE c.oid = to_regclass($1) AND c.relispartition
), dependent AS (
  SELECT DISTINCT d.classid, d.objid
    FROM leaf
    JOIN pg_depend AS d
      ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = leaf.oid)
      OR (d.refclassid = 'pg_type'::regclass AND d.refobjid = leaf.reltype)
   WHERE d.deptype IN ('n', 'a')
     AND d.classid <> 'pg_attrdef'::regclass
     AND NOT ($3::boolean AND d.classid = 'pg_trigger'::regclass
              AND EXISTS (SELECT FROM pg_trigger AS g WHERE g.oid = d.objid AND g.tgname ~ '^partdemo_(capture|guard)_\d+$'))
     AND NOT (d.classid = 'pg_class'::regclass AND d.objid = leaf.oid)
     AND NOT EXISTS (SELECT FROM pg_depend AS p
                      WHERE p.classid = d.classid AND p.objid = d.objid AND p.deptype IN ('P', 'S'))
     AND NOT EXISTS (SELECT FROM pg_constraint AS k
                      WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND NOT k.conislocal)
)
SELECT pg_describe_object(classid, objid, 0) AS own FROM dependent
UNION ALL
SELECT format('a default of its own for column %s', a.attname)
  FROM leaf
  JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_attribute AS b ON b.attrelid = leaf.parent AND b.attname = a.attname
  LEFT JOIN pg_attrdef AS e ON e.adrelid = b.attrelid AND e.adnum = b.attnum
 WHERE pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_get_expr(e.adbin, e.adrelid)
UNION ALL
SELECT format('settings of its own for column %s', a.attname)
  FROM leaf
  JOIN pg_attribute AS a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_attribute AS b ON b.attrelid = leaf.parent AND b.attname = a.attname
 WHERE a.attacl IS NOT NULL OR a.attoptions IS NOT NULL OR coalesce(a.attstattarget, -1) <> -1
    OR (a.attstorage, a.attcompression, a.attnotnull) <> (b.attstorage, b.attcompression, b.attnotnull)
UNION ALL
-- Without default privileges a new table has none but the owner's.
SELECT 'privileges ' || leaf.relacl::text
  FROM leaf
 WHERE $2::text IS NULL
   AND leaf.relacl <> acldefault('r', leaf.relowner)
   AND (leaf.relacl IS DISTINCT FROM leaf.parent_acl
        OR NOT EXISTS (SELECT FROM pg_default_acl AS a
                        WHERE a.defaclrole = leaf.relowner AND a.defaclobjtype = 'r'
                          AND a.defaclnamespace IN (0, leaf.relnamespace)))
UNION ALL
SELECT 'privileges ' || coalesce(leaf.relacl::text, '{}') || ', unlike ' || $2::text
  FROM leaf
  LEFT JOIN pg_class AS other ON other.oid = to_regclass($2::text)
 WHERE $2::text IS NOT NULL
   AND EXISTS (
     SELECT grantee, privilege_type, is_grantable
       FROM (SELECT 1 AS side, a.* FROM aclexplode(coalesce(leaf.relacl, acldefault('r', leaf.relowner))) AS a
             UNION ALL
             SELECT 2, a.* FROM aclexplode(coalesce(other.relacl, acldefault('r', other.relowner))) AS a) AS both_sides
      GROUP BY grantee, privilege_type, is_grantable
     HAVING count(DISTINCT side) < 2)
UNION ALL
SELECT format('privileges that %s granted, not its owner', string_agg(DISTINCT grantor::regrole::text, ', '))
  FROM leaf CROSS JOIN aclexplode(leaf.relacl)
 WHERE $2::text IS NOT NULL AND grantor <> leaf.relowner
HAVING count(*) > 0
UNION ALL
SELECT 'the owner ' || relowner::regrole FROM leaf WHERE relowner <> parent_owner
UNION ALL
SELECT 'storage parameters ' || reloptions::text FROM leaf WHERE reloptions IS NOT NULL
UNION ALL
SELECT 'storage parameters of its TOAST table ' || t.reloptions::text
  FROM leaf JOIN pg_class AS t ON t.oid = leaf.reltoastrelid
 WHERE t.reloptions IS NOT NULL
UNION ALL
SELECT 'its own tablespace' FROM leaf WHERE reltablespace <> parent_tablespace
UNION ALL
SELECT 'its own replica identity' FROM leaf WHERE relreplident <> 'd'
UNION ALL
SELECT 'row-level security' FROM leaf WHERE relrowsecurity OR relforcerowsecurity
UNION ALL
SELECT 'no WAL: it is unlogged' FROM leaf JOIN pg_class AS p ON p.oid = leaf.parent
 WHERE leaf.relkind = 'r' AND leaf.relpersistence <> p.relpersistence
UNION ALL
SELECT format('the trigger %I in another state than above it', t.tgname)
  FROM leaf JOIN pg_trigger AS t ON t.tgrelid = leaf.oid JOIN pg_trigger AS p ON p.oid = t.tgparentid
 WHERE NOT t.tgisinternal AND t.tgenabled <> p.tgenabled AND NOT ($3::boolean AND t.tgname ~ '^partdemo_(capture|guard)_\d+$')
UNION ALL
SELECT 'partitions of its own' FROM leaf WHERE relkind <> 'r'
UNION ALL
SELECT 'a comment on ' || pg_describe_object(d.classoid, d.objoid, d.objsubid)
  FROM leaf
  JOIN pg_description AS d
    ON (d.classoid = 'pg_class'::regclass
        AND (d.objoid = leaf.oid OR d.objoid IN (SELECT indexrelid FROM pg_index WHERE indrelid = leaf.oid)))
    OR (d.classoid = 'pg_constraint'::regclass
        AND d.objoid IN (SELECT oid FROM pg_constraint WHERE conrelid = leaf.oid))
    OR (d.classoid = 'pg_trigger'::regclass AND d.objoid IN (SELECT oid FROM pg_trigger WHERE tgrelid = leaf.oid))
UNION ALL
SELECT format('a security label on %s', pg_describe_object(s.classoid, s.objoid, s.objsubid))
  FROM leaf JOIN pg_seclabel AS s ON s.classoid = 'pg_class'::regclass AND s.objoid = leaf.oid;
