SELECT 'it''s; ok', '', ''';''', 'a' 'b';
SELECT 'a\';
SELECT 'b';