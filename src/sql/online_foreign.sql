-- Foreign keys of the table with OID $1 to other tables, for the table named $2 with the leaves $3 (a JSON array of names).
-- Adding one to a partitioned table scans it; so each leaf gets it NOT VALID (add, in the swap), has it validated while
-- everybody works (validate), and the table takes those of its leaves for its own (adopt). One that is NOT ENFORCED stays so:
-- there is nothing to validate.
SELECT k.conname::text AS name,
       (SELECT json_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', leaf, k.conname, pg_get_constraintdef(k.oid)))
          FROM json_array_elements_text($3::json) AS l (leaf))::text AS add,
       coalesce((SELECT json_agg(format('ALTER TABLE %s VALIDATE CONSTRAINT %I', leaf, k.conname))
                   FROM json_array_elements_text($3::json) AS l (leaf)
                  WHERE coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)), '[]')::text AS validate,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, k.conname, pg_get_constraintdef(k.oid))
         || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, $2::text)
                     || quote_literal(obj_description(k.oid, 'pg_constraint')), '') AS adopt
  FROM pg_constraint AS k
 WHERE k.conrelid = $1::bigint AND k.contype = 'f' AND k.conparentid = 0
 ORDER BY k.conname;
