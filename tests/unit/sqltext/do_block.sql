DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT 1 LOOP
    EXECUTE format('x %s;', $q$it's$q$);
  END LOOP;
END
$$ LANGUAGE plpgsql;
SELECT 1;