-- Drop the table of runs: there is none any more
DROP TABLE partdemo.runs;

-- Drop its functions
DROP FUNCTION partdemo.mark(oid[], oid);

DROP FUNCTION partdemo.insist(boolean, text, text);
