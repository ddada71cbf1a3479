CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  -- it's ;

  RETURN 1; /* $$ */
END;
$body$;
SELECT 1;