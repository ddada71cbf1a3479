SELECT 1 -- one
;
SELECT 2 /* two */ -- more
-- end
/* really */
