SELECT :lines,
:crlf
, 2; SELECT :dash + :n; SELECT 2;