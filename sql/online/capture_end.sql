-- Remember what the partitions are made of now
UPDATE partdemo.runs SET phase = 'captured', mark = partdemo.mark(sources, parent) WHERE id = :run;
