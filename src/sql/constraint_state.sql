-- The constraint $2 of the table $1: 'valid', 'NOT VALID' or 'NOT ENFORCED' (PostgreSQL 18); no row when
-- there is none.
SELECT CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN 'NOT ENFORCED'
            WHEN k.convalidated THEN 'valid'
            ELSE 'NOT VALID' END AS state
  FROM pg_constraint AS k
 WHERE k.conrelid = to_regclass($1) AND k.conname = $2;
