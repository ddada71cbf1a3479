SELECT 'a;'
  'b;'
  -- note; it's
  'c;';
SELECT 1;