-- Drop an old partition: its rows are in the new ones
DROP TABLE IF EXISTS :old;
