-- Take the old partition out, and out of the way
ALTER TABLE :parent DETACH PARTITION :source;

ALTER TABLE :source SET SCHEMA :away;
