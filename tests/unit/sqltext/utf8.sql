SELECT 'Zürich; 東京', "größe", größe FROM tøj; -- ✓ ;
SELECT 東;