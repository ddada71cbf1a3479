-- Wait for those who write to the partitions, and let nobody write to them or alter them
LOCK TABLE ONLY :locked IN SHARE ROW EXCLUSIVE MODE;

-- See that nobody altered them since the new partitions were made
SELECT partdemo.insist(r.mark = partdemo.mark(r.sources, r.parent), 'PD001', :'altered')
FROM partdemo.runs AS r WHERE r.id = :run;
