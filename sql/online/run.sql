-- Note the run
INSERT INTO partdemo.runs (operation, arguments, parent, sources, schema, name, phase, details)
VALUES (:'operation', :'arguments', :parent_oid, :'sources', :'schema', :'name', :'phase', :'details')
RETURNING id;
