SELECT $$a;b$$, $$$$, $$ it's -- x /* $a$ ; $ $$;
SELECT 1;