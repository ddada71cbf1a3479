-- Note the run
INSERT INTO partdemo.runs (operation, arguments, parent, source, schema, name, phase, details)
VALUES (:'operation', :'arguments', :parent_oid, :source_oid, :'schema', :'name', :'phase', :'details')
RETURNING id;
