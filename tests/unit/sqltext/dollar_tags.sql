SELECT $a$ ; $b$ ; $$ ; $A$ ; $a $a$, $_1$;$_1$, $ü$;$ü$;
SELECT 1;