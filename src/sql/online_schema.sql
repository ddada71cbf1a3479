-- Objects in the schema partdemo.
SELECT count(*) AS objects FROM pg_depend
 WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'partdemo'::regnamespace;
