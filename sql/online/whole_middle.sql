-- Make a partition that is partitioned itself
CREATE TABLE :target PARTITION OF :router :bound PARTITION BY :by;
