SELECT b'01;', B'1''0', x'1F;', X'', n'a;''b', N'\';
SELECT 1;