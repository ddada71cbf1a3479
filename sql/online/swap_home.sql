-- Bring back what was kept; it is in the private table still
ALTER TABLE :kept SET SCHEMA :"schema";
