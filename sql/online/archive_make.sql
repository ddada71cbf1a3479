-- Make the archive: the columns alone, generated ones with the values that they have
CREATE TABLE :archive (LIKE :source INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING STORAGE);
