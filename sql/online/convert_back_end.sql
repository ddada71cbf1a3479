-- Note it: the name stands for the old table again
UPDATE partdemo.runs
SET phase = 'swapped', parent = :'final'::regclass, details = details || :'details'::jsonb
WHERE id = :run;
