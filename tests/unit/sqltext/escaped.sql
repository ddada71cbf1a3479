SELECT 1\; SELECT 2; SELECT \:n, '\;', "\:"; \;
\; SELECT 3 \;