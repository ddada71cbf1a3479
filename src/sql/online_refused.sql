-- What hangs on the partition with OID $1 and cannot be carried over to new partitions, besides what
-- online_refused_own.sql lists: what it is, why, and the SQL that moves it out of the way.
WITH leaf AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name, n.nspname, i.inhparent
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_inherits AS i ON i.inhrelid = c.oid
   WHERE c.oid = $1::bigint
), parent AS (
  SELECT p.oid, format('%I.%I', n.nspname, p.relname) AS full_name
    FROM leaf JOIN pg_class AS p ON p.oid = leaf.inhparent JOIN pg_namespace AS n ON n.oid = p.relnamespace
), above AS (
  SELECT relid FROM parent, pg_partition_ancestors(parent.oid) AS a (relid)
), depends AS (
  -- What depends on the table or on the type of its rows and is not a part of it.
  SELECT DISTINCT d.classid, d.objid
    FROM leaf
    JOIN pg_depend AS d
      ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = leaf.oid)
      OR (d.refclassid = 'pg_type'::regclass
          AND d.refobjid IN (SELECT t.oid FROM pg_type AS t
                              WHERE t.oid = leaf.reltype
                                 OR t.oid = (SELECT typarray FROM pg_type WHERE oid = leaf.reltype)))
   WHERE d.deptype IN ('n', 'a')
)
SELECT 'the partition ' || full_name AS what,
       CASE WHEN relkind = 'p' THEN 'it is partitioned itself'
            WHEN relkind = 'f' THEN 'it is a foreign table' ELSE 'it is temporary' END AS why,
       NULL AS remedy
  FROM leaf WHERE relkind <> 'r' OR relpersistence = 't'
UNION ALL
SELECT 'the partition ' || i.inhrelid::regclass, 'its detach was interrupted',
       format('ALTER TABLE %s DETACH PARTITION %s FINALIZE;', parent.full_name, i.inhrelid::regclass)
  FROM parent JOIN pg_inherits AS i ON i.inhparent = parent.oid WHERE i.inhdetachpending
UNION ALL
SELECT format('the foreign key %I of %s', k.conname, k.conrelid::regclass),
       'deletions in the table that it refers to would meet the copied rows',
       format('ALTER TABLE %s DROP CONSTRAINT %I;  -- afterwards: ADD CONSTRAINT %I %s', k.conrelid::regclass,
              k.conname, k.conname, pg_get_constraintdef(k.oid))
  FROM leaf
  JOIN pg_constraint AS k
    ON k.contype = 'f' AND k.conparentid = 0
   AND (k.conrelid = leaf.oid OR k.conrelid IN (SELECT relid FROM above))
UNION ALL
SELECT format('the foreign key %I of %s', k.conname, k.conrelid::regclass), 'it refers to this one partition',
       format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
  FROM leaf JOIN pg_constraint AS k ON k.contype = 'f' AND k.confrelid = leaf.oid AND k.conparentid = 0
UNION ALL
SELECT format('the foreign key %I of %s', k.conname, k.conrelid::regclass),
       'before PostgreSQL 18 one of a partitioned table can only be added with a scan',
       format('ALTER TABLE %s DROP CONSTRAINT %I;  -- afterwards: ADD CONSTRAINT %I %s', k.conrelid::regclass,
              k.conname, k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
 WHERE k.contype = 'f' AND k.confrelid IN (SELECT relid FROM above) AND k.conparentid = 0
   AND k.conrelid NOT IN (SELECT relid FROM above)
   AND c.relkind = 'p' AND current_setting('server_version_num')::int < 180000
UNION ALL
SELECT CASE c.relkind WHEN 'm' THEN 'the materialized view ' ELSE 'the view ' END || c.oid::regclass,
       'it reads this one partition',
       format('CREATE OR REPLACE VIEW ... over %s, or DROP VIEW %s;', parent.full_name, c.oid::regclass)
  FROM depends AS d
  JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
  JOIN pg_class AS c ON c.oid = r.ev_class
  CROSS JOIN parent CROSS JOIN leaf
 WHERE r.ev_class <> leaf.oid
UNION ALL
SELECT pg_describe_object(d.classid, d.objid, 0), 'it depends on this one partition',
       CASE WHEN d.classid = 'pg_class'::regclass
            THEN format('ALTER SEQUENCE %s OWNED BY NONE;', d.objid::regclass) END
  FROM depends AS d CROSS JOIN leaf
 WHERE NOT CASE d.classid
         WHEN 'pg_rewrite'::regclass THEN true
         WHEN 'pg_attrdef'::regclass THEN true
         WHEN 'pg_statistic_ext'::regclass THEN true
         WHEN 'pg_publication_rel'::regclass THEN true
         WHEN 'pg_constraint'::regclass THEN true
         WHEN 'pg_trigger'::regclass THEN
              EXISTS (SELECT FROM pg_trigger AS t WHERE t.oid = d.objid AND t.tgrelid = leaf.oid)
         WHEN 'pg_policy'::regclass THEN
              EXISTS (SELECT FROM pg_policy AS p WHERE p.oid = d.objid AND p.polrelid = leaf.oid)
         WHEN 'pg_class'::regclass THEN
              EXISTS (SELECT FROM pg_class AS c WHERE c.oid = d.objid AND c.relkind IN ('i', 't'))
         ELSE false END
UNION ALL
SELECT format('the index %s of %s', x.indexrelid::regclass, parent.full_name),
       'the partition has none for it, and attaching would build it under a lock',
       format('CREATE INDEX CONCURRENTLY ... ON %s ...; ALTER INDEX %s ATTACH PARTITION ...;', leaf.full_name,
              x.indexrelid::regclass)
  FROM leaf CROSS JOIN parent JOIN pg_index AS x ON x.indrelid = parent.oid
 WHERE NOT EXISTS (SELECT FROM pg_inherits AS i JOIN pg_index AS y ON y.indexrelid = i.inhrelid
                    WHERE i.inhparent = x.indexrelid AND y.indrelid = leaf.oid)
UNION ALL
SELECT format('the publication %I', b.pubname),
       CASE WHEN b.puballtables OR EXISTS (SELECT FROM pg_publication_rel AS r
                                            WHERE r.prpubid = b.oid AND r.prrelid = leaf.oid)
            THEN 'it would send the copies to subscribers, or not send the new partitions'
            WHEN b.pubviaroot THEN 'it publishes the schema, and so the copies'
            ELSE 'subscribers would have to know the new partitions' END,
       CASE WHEN NOT b.puballtables AND NOT EXISTS (SELECT FROM pg_publication_rel AS r
                                                     WHERE r.prpubid = b.oid AND r.prrelid = leaf.oid)
            THEN format('ALTER PUBLICATION %I SET (publish_via_partition_root = true);', b.pubname)
            ELSE format('ALTER PUBLICATION %I ...: publish %s instead', b.pubname, parent.full_name) END
  FROM leaf CROSS JOIN parent
  JOIN pg_publication AS b
    ON b.puballtables
    OR EXISTS (SELECT FROM pg_publication_namespace AS s
                WHERE s.pnpubid = b.oid AND s.pnnspid = leaf.relnamespace)
    OR EXISTS (SELECT FROM pg_publication_rel AS r WHERE r.prpubid = b.oid AND r.prrelid = leaf.oid)
    OR NOT b.pubviaroot AND EXISTS (SELECT FROM pg_publication_rel AS r
                                     WHERE r.prpubid = b.oid AND r.prrelid IN (SELECT relid FROM above))
 ORDER BY 1;
