SELECT fee'a\', 'b';
SELECT e 'a\', 'b';