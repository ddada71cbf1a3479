\; -- a
SELECT 1;
\:n;