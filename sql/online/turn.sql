-- Make the place for what the way back takes out
CREATE SCHEMA IF NOT EXISTS :undone;

-- Turn the run round, and remember what the new partitions are made of now
UPDATE partdemo.runs
SET phase = 'built', details = details || :'details'::jsonb, mark = partdemo.mark(sources, parent)
WHERE id = :run;
