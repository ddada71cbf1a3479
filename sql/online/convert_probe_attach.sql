-- Attach it, to see whether PostgreSQL finds that the constraints imply the bound
SET LOCAL client_min_messages = debug1;

ALTER TABLE :parent ATTACH PARTITION :probe :bound;
