-- The run of kind $1 on the partition $3 of the table $2, if one was begun and has not ended. Without $3 the run on
-- the whole table. $4 and $5 are $3 as SQL reads it, name and schema. A table that was dropped meanwhile is known by its name alone, also when there is a
-- new one.
SELECT r.id, r.operation, r.arguments, r.phase, r.parent::bigint AS parent_oid, r.schema, r.name, r.details::text AS details,
       to_json(r.cursor)::text AS key, r.copied, to_char(r.begun, 'YYYY-MM-DD HH24:MI:SS') AS begun
  FROM partdemo.runs AS r
 CROSS JOIN LATERAL (SELECT coalesce(r.details #> '{sources,0}', r.details -> 'source')) AS s (source)
 WHERE r.operation = $1
   AND (r.parent = to_regclass($2)
        OR $2 IN (s.source ->> 'parent', s.source ->> 'parent_name')
           AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = r.parent))
   AND (coalesce($3::text, r.name) IN (r.name, r.schema || '.' || r.name, format('%I', r.name), format('%I.%I', r.schema, r.name))
        OR r.name = $4 AND r.schema = coalesce($5, r.schema))
 ORDER BY r.parent = to_regclass($2) DESC, r.name = $4 DESC
 LIMIT 1;
