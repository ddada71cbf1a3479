SELECT $a$x$b$a$;
SELECT $a$$a$$a$;$a$;
SELECT $ab$;$a$b$ab$;