-- Note that it is swapped, and what is to be done yet
-- While the old partitions are kept, the run is about the new ones: no other one may begin there. A whole table has
-- another OID now.
UPDATE partdemo.runs
SET phase = 'swapped', details = details || :'details'::jsonb, parent = :parent_name::regclass::oid,
    sources = CASE WHEN :'details'::jsonb -> 'keeps' = 'true'
                   THEN ARRAY(SELECT name::regclass::oid FROM unnest(ARRAY[:attached]) AS name) ELSE sources END
WHERE id = :run;

COMMIT;
