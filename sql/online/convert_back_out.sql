-- Take the old table out
ALTER TABLE :final DETACH PARTITION :hist;
