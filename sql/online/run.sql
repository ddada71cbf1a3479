-- Note the run, and what the partitions are made of
INSERT INTO partdemo.runs (operation, arguments, parent, sources, schema, name, phase, details, mark)
VALUES (:'operation', :'arguments', :parent_oid, :'sources', :'schema', :'name', :'phase', :'details',
        partdemo.mark(:'sources', :parent_oid))
RETURNING id;
