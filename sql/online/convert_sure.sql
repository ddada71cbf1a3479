-- See that nobody altered the table, its triggers or its columns
SELECT partdemo.insist(r.mark = partdemo.mark(r.sources, r.parent), 'PD001', :'altered')
FROM partdemo.runs AS r WHERE r.id = :run;

-- See that nothing came to hang on it since these statements were made for it
SELECT partdemo.insist(partdemo.hangs(r.sources, r.parent) = current_setting('partdemo.hangs'), 'PD002',
                       'something was given to the table just now')
FROM partdemo.runs AS r WHERE r.id = :run;

-- See that there is time left for the rest
SELECT partdemo.insist(clock_timestamp() - transaction_timestamp() < :'budget'::interval, 'PD002',
                       'the locks took too long');
