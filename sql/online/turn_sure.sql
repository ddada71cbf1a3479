-- See that the changes of every new partition are captured
SELECT partdemo.insist((SELECT count(*) = 2 * cardinality(r.sources) FROM pg_trigger AS t
                         WHERE t.tgrelid = ANY (r.sources) AND t.tgname IN (:'capture_name', :'guard_name')
                           AND t.tgenabled = 'A'),
                       'PD001', 'the capture of changes was altered since the swap')
FROM partdemo.runs AS r WHERE r.id = :run;
