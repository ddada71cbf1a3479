-- head
SELECT 1,

  2;

/* c
 */
SELECT 'a
b';
