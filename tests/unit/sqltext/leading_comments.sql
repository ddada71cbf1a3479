-- a
/* b */ -- c
/* d
 e */

-- f
SELECT 1;
/* g */ SELECT 2; -- h
SELECT 3;