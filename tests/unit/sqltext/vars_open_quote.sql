SELECT :open and :close', :n;
SELECT :n :open
:n';SELECT 1;