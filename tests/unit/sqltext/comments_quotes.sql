-- it's "fine" $$
SELECT 1; /* it's "fine" $$ */ SELECT 2;