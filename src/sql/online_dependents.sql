-- What would keep the table with OID $1, which is a partition, from being dropped: views, functions and so on, and
-- foreign keys that refer to it and not to the table above it.
SELECT DISTINCT CASE WHEN d.classid = 'pg_rewrite'::regclass
                     THEN (SELECT pg_describe_object('pg_class'::regclass, r.ev_class, 0) FROM pg_rewrite AS r WHERE r.oid = d.objid)
                     ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END AS what
  FROM pg_class AS c
  JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
                      OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
 WHERE c.oid = $1::bigint AND d.deptype = 'n'
   AND NOT CASE d.classid -- what is its own goes with it
         WHEN 'pg_class'::regclass THEN d.objid = c.oid OR EXISTS (SELECT FROM pg_index AS x WHERE x.indexrelid = d.objid AND x.indrelid = c.oid)
         WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT FROM pg_attrdef AS a WHERE a.oid = d.objid AND a.adrelid = c.oid)
         WHEN 'pg_constraint'::regclass THEN
              EXISTS (SELECT FROM pg_constraint AS k WHERE k.oid = d.objid AND (k.conrelid = c.oid OR k.conparentid <> 0))
         WHEN 'pg_trigger'::regclass THEN
              EXISTS (SELECT FROM pg_trigger AS t WHERE t.oid = d.objid AND (t.tgrelid = c.oid OR t.tgisinternal))
         WHEN 'pg_policy'::regclass THEN EXISTS (SELECT FROM pg_policy AS p WHERE p.oid = d.objid AND p.polrelid = c.oid)
         WHEN 'pg_statistic_ext'::regclass THEN EXISTS (SELECT FROM pg_statistic_ext AS s WHERE s.oid = d.objid AND s.stxrelid = c.oid)
         WHEN 'pg_publication_rel'::regclass THEN true
         WHEN 'pg_rewrite'::regclass THEN EXISTS (SELECT FROM pg_rewrite AS r WHERE r.oid = d.objid AND r.ev_class = c.oid)
         ELSE false END
 ORDER BY 1;
