-- Drop the place of what the way back took out
DROP SCHEMA :away;
