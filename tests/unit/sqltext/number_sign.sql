SELECT 1e--:n
;SELECT 1e-/*;
*/2;SELECT 1e+-- x ;
3;