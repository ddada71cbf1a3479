-- See by an empty partition in the table's place what its bound demands
CREATE TABLE :probe PARTITION OF :parent :bound;

SELECT pg_get_partition_constraintdef(:'probe'::regclass) AS expression;
