-- Whether the index named $1 is valid; no row when there is none.
SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1);
