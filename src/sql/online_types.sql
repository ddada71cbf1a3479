-- The columns of the table with OID $1 that are to have the types of the columns of the same names of the table $2, in
-- order: the type now and then, and what ALTER TABLE has to say about each.
--
-- key_type: of a column of the key by which rows are named (the index $3), the type of both that holds each value of the
-- other one without a look at the time zone, null if neither does. comparable: whether one operator family compares both.
-- sequence: the type of a sequence that the column owns then, sequence_now if it is to be another.
WITH RECURSIVE n AS (
  SELECT * FROM pg_attribute WHERE attrelid = to_regclass($2) AND attnum > 0
), pair AS (
  SELECT n.attnum AS place, n.attname, o.attnum, o.atttypid AS old_id, n.atttypid AS new_id, format_type(o.atttypid, o.atttypmod) AS old,
         format_type(n.atttypid, n.atttypmod) AS type, o.attcollation, o.attstorage, o.attcompression, o.attgenerated,
         (o.atttypid, o.atttypmod) <> (n.atttypid, n.atttypmod) AS changes,
         ot.typstorage AS old_storage, nt.typstorage AS new_storage, ot.typcollation AS old_collation, nt.typcollation AS new_collation
    FROM n LEFT JOIN pg_attribute AS o ON o.attrelid = $1::bigint AND o.attname = n.attname AND o.attnum > 0 AND NOT o.attisdropped
    LEFT JOIN pg_type AS ot ON ot.oid = o.atttypid
    JOIN pg_type AS nt ON nt.oid = n.atttypid
), within AS ( -- what domains are over, and arrays are of
  SELECT t.oid AS type, t.oid AS inner_type FROM pg_type AS t WHERE t.oid IN (SELECT old_id FROM pair UNION SELECT new_id FROM pair)
  UNION ALL
  SELECT w.type, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
    FROM within AS w JOIN pg_type AS t ON t.oid = w.inner_type
   WHERE t.typtype = 'd' OR t.typcategory = 'A' AND t.typelem <> 0
), families AS (
  SELECT t.oid AS type, (SELECT q.opcfamily FROM pg_opclass AS q JOIN pg_am AS am ON am.oid = q.opcmethod AND am.amname = 'btree'
                             JOIN pg_type AS i ON i.oid = q.opcintype
                          WHERE q.opcdefault AND (q.opcintype = t.oid OR EXISTS (SELECT FROM pg_cast AS c WHERE c.castsource = t.oid
                                  AND c.casttarget = q.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i'))
                          ORDER BY q.opcintype = t.oid DESC, i.typispreferred DESC, q.opcname LIMIT 1) AS family
    FROM pg_type AS t WHERE t.oid IN (SELECT old_id FROM pair UNION SELECT new_id FROM pair)
), owned AS (
  SELECT d.refobjsubid AS attnum, s.seqtypid, d.deptype, format('%I.%I', sn.nspname, c.relname) AS name
    FROM pg_depend AS d JOIN pg_sequence AS s ON s.seqrelid = d.objid
    JOIN pg_class AS c ON c.oid = s.seqrelid JOIN pg_namespace AS sn ON sn.oid = c.relnamespace
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::bigint AND d.deptype IN ('a', 'i')
)
SELECT pair.attname::text AS name, quote_ident(pair.attname) AS column, pair.attnum IS NOT NULL AS there, pair.changes,
       pair.old, pair.type, pair.attgenerated <> '' AS generated,
       array_to_string(ARRAY[
         format('ALTER %I TYPE %s%s', pair.attname, pair.type,
                CASE WHEN pair.attcollation <> pair.old_collation AND pair.new_collation <> 0
                     THEN (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname)
                             FROM pg_collation AS co JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                            WHERE co.oid = pair.attcollation) END),
         CASE WHEN pair.attstorage <> pair.old_storage AND pair.new_storage <> 'p'
              THEN format('ALTER %I SET STORAGE %s', pair.attname, CASE pair.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                          WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
         CASE WHEN pair.attcompression <> '' AND pair.new_storage <> 'p'
              THEN format('ALTER %I SET COMPRESSION %s', pair.attname, CASE pair.attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END) END
       ], ', ') AS actions,
       EXISTS (SELECT FROM within AS w WHERE w.type IN (pair.old_id, pair.new_id) AND w.inner_type IN ('timestamptz'::regtype, 'timetz'::regtype))
         AND NOT EXISTS (SELECT w.inner_type FROM within AS w WHERE w.type = pair.old_id AND w.inner_type IN ('timestamptz'::regtype, 'timetz'::regtype)
                         INTERSECT SELECT w.inner_type FROM within AS w WHERE w.type = pair.new_id) AS zoned,
       pair.attnum = ANY (x.indkey::int2[]) AS in_key,
       o.family = f.family AS comparable,
       CASE WHEN pair.old_id = pair.new_id OR exact.forth THEN format_type(pair.new_id, -1)
            WHEN exact.back THEN format_type(pair.old_id, -1) END AS key_type,
       owned.name AS sequence_name,
       CASE WHEN owned.deptype = 'i' OR owned.seqtypid IN ('int2'::regtype, 'int4'::regtype) THEN
            CASE WHEN pair.new_id IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN format_type(pair.new_id, NULL)
                 ELSE 'bigint' END END AS sequence,
       format_type(owned.seqtypid, NULL) AS sequence_now
  FROM pair
  LEFT JOIN families AS o ON o.type = pair.old_id LEFT JOIN families AS f ON f.type = pair.new_id
  LEFT JOIN pg_index AS x ON x.indexrelid = $3::bigint
  LEFT JOIN LATERAL (SELECT * FROM owned AS w WHERE w.attnum = pair.attnum ORDER BY w.deptype DESC, w.seqtypid = 'int8'::regtype, w.name LIMIT 1) AS owned ON true
  CROSS JOIN LATERAL (
    SELECT bool_or(c.castsource = pair.old_id) AS forth, bool_or(c.castsource = pair.new_id) AS back
      FROM pg_cast AS c LEFT JOIN pg_proc AS p ON p.oid = c.castfunc
     WHERE c.castcontext = 'i' AND (c.castmethod = 'b' OR p.provolatile = 'i')
       AND ((c.castsource, c.casttarget) = (pair.old_id, pair.new_id) OR (c.castsource, c.casttarget) = (pair.new_id, pair.old_id))
  ) AS exact
 ORDER BY pair.place;
