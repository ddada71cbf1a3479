;;
 ; -- x
;/* y */;
SELECT 1;;
;