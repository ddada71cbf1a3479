-- Put the partition back where it was; the CHECK spares the scan
ALTER TABLE :parent ATTACH PARTITION :source :bound;

ALTER TABLE :source DROP CONSTRAINT partdemo_bound;
