help;
quit;
exit
;SELECT 1;
help
