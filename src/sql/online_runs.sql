-- Every run that has not ended, in the order in which they were begun. in_tree: its table is one of $1, a JSON list of
-- names, or below one of them; one that was dropped is known by its name. is_there: the table is.
SELECT r.id, r.operation, r.arguments, r.phase, r.parent::bigint AS parent_oid, r.schema, r.name,
       r.details::text AS details, to_json(r.cursor)::text AS key, r.copied,
       to_char(r.begun, 'YYYY-MM-DD HH24:MI:SS') AS begun,
       c.oid IS NOT NULL AS is_there,
       coalesce(quote_ident(n.nspname) || '.' || quote_ident(c.relname), s.source ->> 'parent') AS parent,
       EXISTS (SELECT FROM json_array_elements_text($1::json) AS t (name)
                WHERE coalesce(pg_partition_root(c.oid)::oid, c.oid) = to_regclass(t.name)
                   OR c.oid IS NULL AND t.name IN (s.source ->> 'parent', s.source ->> 'parent_name')) AS in_tree
  FROM partdemo.runs AS r
  LEFT JOIN pg_class AS c ON c.oid = r.parent
  LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (SELECT coalesce(r.details #> '{sources,0}', r.details -> 'source')) AS s (source)
 ORDER BY r.id;
