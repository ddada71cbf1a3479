-- Make the place for what the way back takes out
CREATE SCHEMA IF NOT EXISTS :undone;

-- See that the changes of every new partition are captured
SELECT partdemo.insist((SELECT count(*) = 2 * cardinality(r.sources) FROM pg_trigger AS t
                         WHERE t.tgrelid = ANY (r.sources) AND t.tgname IN (:'capture_name', :'guard_name')
                           AND t.tgenabled = 'A'),
                       'PD001', 'the capture of changes was altered since the swap')
FROM partdemo.runs AS r WHERE r.id = :run;

-- Turn the run round, and remember what the new partitions are made of now
UPDATE partdemo.runs
SET phase = 'built', details = details || :'details'::jsonb, mark = partdemo.mark(sources, parent)
WHERE id = :run;
