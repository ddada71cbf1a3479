-- Make a further partition, empty
:create TABLE :target PARTITION OF :parent :bound USING :method TABLESPACE :tablespace;
