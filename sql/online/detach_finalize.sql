-- Finish a detach that was interrupted
ALTER TABLE :parent DETACH PARTITION :source FINALIZE;
