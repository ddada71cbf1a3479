COPY t TO STDOUT;
COPY (SELECT 1 FROM stdin) TO STDOUT;
copy t from '/x/stdin';COPY t FROM PROGRAM 'stdin';
COPY "from" TO STDIN;
SELECT copy FROM stdin;
COPY t FROM "stdin";
COPY t FROM '/x' WHERE a IS DISTINCT FROM stdin;